"""Runs discord.py against the fake Discord, to check the fake with an independent client.
Usage: discord_client.py URL TOKEN; the test acts as members, and ends with a direct message."""

import asyncio
import sys

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket

URL, TOKEN = sys.argv[1:3]
discord.http.Route.BASE = f"{URL}/api/v10"
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(URL.replace("http", "ws", 1) + "/")
NO_MENTIONS = discord.AllowedMentions(
    everyone=False, users=False, roles=False, replied_user=False)


async def refused(what, awaitable, code):
    try:
        await awaitable
    except discord.HTTPException as error:
        assert error.code == code, (what, error.code, error.text)
    else:
        raise AssertionError(f"accepted: {what}")


class Buttons(discord.ui.View):
    def __init__(self):
        super().__init__(timeout=None)
        self.add_item(discord.ui.Button(label="書式", url="https://a.example/x"))

    @discord.ui.button(label="役に立った", custom_id="ok:a", style=discord.ButtonStyle.success)
    async def helped(self, interaction, _):
        assert interaction.message.flags.ephemeral
        assert interaction.message.embeds[0].title == "解約"
        await interaction.response.edit_message(content="ありがとう", allowed_mentions=NO_MENTIONS)

    @discord.ui.button(label="窓口", custom_id="modal:a")
    async def desk(self, interaction, _):
        draft = Draft()
        # discord.py would register the modal only after the call returns, which is too late for the
        # test's members.
        interaction._state.store_view(draft)
        await interaction.response.send_modal(draft)


class Draft(discord.ui.Modal, title="問い合わせの下書き"):
    subject = discord.ui.TextInput(label="件名", custom_id="s", default="解約")
    body = discord.ui.TextInput(
        label="本文", custom_id="b", default="下書き", style=discord.TextStyle.paragraph)

    async def on_submit(self, interaction):
        text = f"{self.subject.value}/{self.body.value}"
        await interaction.response.send_message(
            text, ephemeral=True, allowed_mentions=NO_MENTIONS)


class Menu(discord.ui.View):
    def __init__(self):
        super().__init__(timeout=None)

    @discord.ui.select(custom_id="menu", options=[
        discord.SelectOption(label="一", value="a"), discord.SelectOption(label="二", value="b")])
    async def chosen(self, interaction, select):
        await interaction.response.send_message(
            select.values[0], ephemeral=True, allowed_mentions=NO_MENTIONS)


class Client(discord.Client):
    def __init__(self):
        intents = discord.Intents(guild_messages=True, dm_messages=True)
        super().__init__(intents=intents, allowed_mentions=NO_MENTIONS)
        self.tree = app_commands.CommandTree(self)
        self.seen, self.problems, self.resumes = [], [], 0

    async def setup_hook(self):
        assert self.application_id == self.application.id
        self.add_view(Buttons())
        self.add_view(Menu())
        tree = self.tree

        @tree.command(name="ask", description="Ask")
        @app_commands.describe(question="A question")
        async def ask(interaction, question: str, public: bool = False):
            assert (question, public) == ("解約したい", False)
            assert interaction.locale is discord.Locale.japanese
            assert interaction.guild_locale is discord.Locale.japanese
            reply = interaction.response
            embed = discord.Embed(title="解約", description="**はい**", url="https://a.example")
            embed.set_footer(text="出典")
            for number, wrong in enumerate([
                {"content": "あ" * 2001},
                {"content": " "},
                {"content": "x", "embeds": [discord.Embed(description="あ" * 4097)]},
                {"content": "x", "allowed_mentions": discord.AllowedMentions.all()},
            ]):
                code = 50006 if number == 1 else 50035
                await refused(wrong, reply.send_message(**wrong), code)
            await reply.send_message(
                embed=embed, ephemeral=True, view=Buttons(), allowed_mentions=NO_MENTIONS)
            # A second response, which discord.py itself would not send.
            adapter = interaction._state.http
            route = discord.http.Route(
                "POST", "/interactions/{id}/{token}/callback", id=interaction.id,
                token=interaction.token)
            await refused("twice", adapter.request(route, json={"type": 5}), 40060)
            sent = await interaction.original_response()
            assert sent.embeds[0].footer.text == "出典", sent.embeds

        @ask.autocomplete("question")
        async def complete(interaction, current):
            assert current == "解約", current
            choice = app_commands.Choice(name="解約するには", value="e:a")
            choices = [app_commands.Choice(name=str(n), value=str(n)) for n in range(26)]
            route = discord.http.Route(
                "POST", "/interactions/{id}/{token}/callback", id=interaction.id,
                token=interaction.token)
            body = {"type": 8, "data": {"choices": [choice.to_dict() for choice in choices]}}
            await refused("26", interaction._state.http.request(route, json=body), 50035)
            await refused("kind", interaction._state.http.request(route, json={"type": 5}), 50035)
            return [choice]

        @tree.context_menu(name="Find the answer")
        @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
        @app_commands.allowed_installs(guilds=True, users=True)
        async def find(interaction, message: discord.Message):
            await interaction.response.defer(ephemeral=True)
            await interaction.edit_original_response(
                content=message.content, view=Menu(), allowed_mentions=NO_MENTIONS)

        @tree.error
        async def failed(_, error):
            self.problem(repr(error))

        wrong = [{"name": "Ask", "description": "x"}]
        sync = self.http.bulk_upsert_global_commands
        await refused("upper case", sync(self.application_id, wrong), 50035)
        await tree.sync()
        known = await tree.fetch_commands()
        assert {command.name for command in known} == {"ask", "Find the answer"}

    async def on_message(self, message):
        if message.author.id == self.user.id:
            return
        self.seen.append(message.content)
        if isinstance(message.channel, discord.DMChannel):
            if message.content == "終わり":
                await self.close()
                return
            async with message.channel.typing():
                await message.reply(f"DM: {message.content}")
        elif message.content:
            assert self.user in message.mentions
            unknown = message.to_reference()
            unknown.message_id = 1
            await refused("reply", message.channel.send("x", reference=unknown), 50035)
            sent = await message.reply("会")
            await sent.edit(content=message.content.split()[1])

    def problem(self, problem):
        self.problems.append(problem)
        print(problem, file=sys.stderr, flush=True)

    async def on_resumed(self):
        self.resumes += 1

    async def on_error(self, name, *_):
        self.problem(f"{name}: {sys.exc_info()!r}")


async def main():
    client = Client()
    await asyncio.wait_for(client.start(TOKEN), 90)
    assert not client.problems, client.problems
    expected = ["こんにちは", "", f"<@{client.user.id}> 会費", "さようなら", "終わり"]
    assert client.seen == expected, client.seen
    assert client.resumes == 2, client.resumes
    other = Client()
    try:
        await other.login("OTg3.wrong.token")
    except discord.LoginFailure:
        await other.close()
        print("done", flush=True)


asyncio.run(main())

"""Uses the fake Bot API with python-telegram-bot: an independent client checks the fake.
Usage: telegram_client.py URL TOKEN; the test delivers the updates."""

import asyncio
import sys

from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup
from telegram import CopyTextButton, InlineQueryResultArticle, InputTextMessageContent
from telegram.constants import ParseMode
from telegram.error import BadRequest, InvalidToken
from telegram.ext import ApplicationBuilder, CallbackQueryHandler, InlineQueryHandler
from telegram.ext import MessageHandler, filters

URL, TOKEN = sys.argv[1:3]


def builder(token):
    return ApplicationBuilder().token(token).base_url(f"{URL}/bot")


async def main():
    done = {"message": asyncio.Event(), "press": asyncio.Event(), "query": asyncio.Event()}

    async def on_message(update, context):
        assert update.message.text == "解約したい", update
        assert update.effective_user.language_code == "ja"
        keyboard = InlineKeyboardMarkup([
            [InlineKeyboardButton("はい", callback_data="e:a")],
            [InlineKeyboardButton("写す", copy_text=CopyTextButton("03-3582-8333"))],
        ])
        sent = await update.message.reply_text(
            '<b>1 &lt; 2</b> <a href="https://a.example">x</a>',
            parse_mode=ParseMode.HTML, reply_markup=keyboard,
        )
        assert sent.text == "1 < 2 x", sent
        edited = await sent.edit_text("<i>二</i>", parse_mode=ParseMode.HTML)
        assert edited.text == "二", edited
        await context.bot.send_chat_action(update.effective_chat.id, "typing")
        for wrong in ["<b>open", "<p>unknown</p>", "a & b", "あ" * 4097, "  "]:
            try:
                await update.message.reply_text(wrong, parse_mode=ParseMode.HTML)
            except BadRequest:
                continue
            raise AssertionError(f"accepted: {wrong[:20]}")
        done["message"].set()

    async def on_press(update, _):
        await update.callback_query.answer(text="済")
        try:
            await update.callback_query.answer()
        except BadRequest:
            done["press"].set()

    async def on_query(update, _):
        content = InputTextMessageContent("<b>a</b>", parse_mode=ParseMode.HTML)
        article = InlineQueryResultArticle(id="a", title="a", input_message_content=content)
        await update.inline_query.answer([article], cache_time=1, next_offset="")
        done["query"].set()

    app = builder(TOKEN).build()
    app.add_handler(MessageHandler(filters.TEXT, on_message))
    app.add_handler(CallbackQueryHandler(on_press))
    app.add_handler(InlineQueryHandler(on_query))
    async with app:
        await app.bot.set_my_commands([BotCommand("help", "使い方")], language_code="ja")
        await app.start()
        await app.updater.start_polling(timeout=2)
        print("polling", flush=True)
        await asyncio.wait_for(asyncio.gather(*(event.wait() for event in done.values())), 60)
        await app.updater.stop()
        await app.stop()
        assert await app.bot.set_webhook("https://a.example/telegram/x", secret_token="abc")
        assert await app.bot.delete_webhook()
    try:
        await builder("1:wrong").build().initialize()
    except InvalidToken:
        print("done", flush=True)


asyncio.run(main())

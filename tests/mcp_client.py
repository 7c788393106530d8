"""Uses Madoguchi as an assistant does, with the official client of the Model Context Protocol.
Usage: mcp_client.py URL PROGRAM KNOWLEDGE; the program reads its settings from the environment."""

import asyncio
import os
import sys
from pathlib import Path

from mcp import Client, MCPError, StdioServerParameters

URL, PROGRAM, KNOWLEDGE = sys.argv[1:4]
ENTRY = "selas-cancel-paid-membership"
QUESTION = "有料会員をやめたい"


def text_of(result):
    return "\n".join(block.text for block in result.content)


async def read_everything(client):
    """Initialises, lists, calls and reads; checks what it gets."""
    assert "Quote the answer" in client.instructions
    tools = (await client.list_tools()).tools
    assert [tool.name for tool in tools] == [
        "ask_faq", "search_faq", "get_entry", "list_desks"], tools
    assert all(tool.annotations.read_only_hint for tool in tools)
    assert tools[0].input_schema["required"] == ["question"]

    asked = await client.call_tool("ask_faq", {"question": QUESTION})
    answer = asked.structured_content
    assert not asked.is_error and answer["outcome"] == "answered", asked
    assert answer["entry"]["id"] == ENTRY
    assert answer["entry"]["answer"]["markdown"].strip() in text_of(asked)
    assert "html" not in answer["entry"]["answer"]
    follow_up = {"question": "無料会員なら？", "conversation": answer["conversation"]}
    assert not (await client.call_tool("ask_faq", follow_up)).is_error
    english = await client.call_tool("ask_faq", {"question": "please call me", "language": "en"})
    assert english.structured_content["outcome"] == "escalated", english
    assert english.structured_content["escalation"]["contact_points"][0]["value"] in text_of(english)

    found = await client.call_tool("search_faq", {"query": "会費", "limit": 3})
    assert len(found.structured_content["hits"]) == 3
    one = await client.call_tool("get_entry", {"id": ENTRY})
    assert "source: " in text_of(one) and answer["entry"]["question"] in text_of(one)
    desks = await client.call_tool("list_desks", {})
    assert len(desks.structured_content["desks"]) == 3

    for tool, arguments, part in [
        ("ask_faq", {}, "question"),
        ("ask_faq", {"question": "  "}, "question"),
        ("ask_faq", {"question": "あ" * 501}, "500"),
        ("ask_faq", {"question": QUESTION, "desk": "sales"}, "sales"),
        ("ask_faq", {"question": QUESTION, "language": 7}, "expected a string"),
        ("ask_faq", {"question": QUESTION, "unknown": 1}, "unknown"),
        ("search_faq", {"query": "会費", "limit": 51}, "50"),
        ("get_entry", {"id": "../desks"}, "../desks"),
        ("get_entry", {}, "id"),
        ("get_entry", {"id": ""}, "id"),
        ("list_desks", {"at": "now"}, "at"),
    ]:
        refused = await client.call_tool(tool, arguments)
        assert refused.is_error and part in text_of(refused), (tool, arguments, refused)
    await fails(client.call_tool("publish", {}), "publish")

    resources = (await client.list_resources()).resources
    assert len(resources) == 28, len(resources)
    entry = (await client.read_resource(f"madoguchi://entries/{ENTRY}")).contents[0]
    assert entry.mime_type == "text/markdown"
    assert answer["entry"]["answer"]["markdown"].strip() in entry.text
    assert f"id: {ENTRY}" in entry.text
    for uri in ["madoguchi://entries/none", "madoguchi://entries/", "file:///etc/passwd"]:
        await fails(client.read_resource(uri), uri)


async def fails(call, part):
    try:
        result = await call
    except MCPError as error:
        assert part in str(error), error
        return
    raise AssertionError(f"accepted: {result}")


async def call_often(client):
    """1,000 calls, some of them cancelled, with a reload in between."""
    async def one(number):
        if number == 500:
            add_entry(f"reloaded-{client.protocol_version}")
        call = client.call_tool("ask_faq", {"question": QUESTION})
        if number % 50 == 0:
            task = asyncio.create_task(call)
            await asyncio.sleep(0)
            task.cancel()
            return
        answer = (await call).structured_content
        assert answer["entry"]["id"] == ENTRY, answer

    for start in range(0, 1_000, 20):
        await asyncio.gather(*(one(start + number) for number in range(20)))


def add_entry(entry):
    path = Path(KNOWLEDGE) / "selas" / "2_usage.toml"
    path.write_text(path.read_text() + f'''
[[entry]]
id = "{entry}"
category = "試験"
question = "架空の{entry}の窓口はどこですか"
answer = """
ここです。
"""
source = {{ document = "試験", section = "1" }}
''')


async def over_http():
    async with Client(URL) as client:
        assert client.protocol_version == "2026-07-28", client.protocol_version
        await read_everything(client)
        async with client.listen(resources_list_changed=True) as events:
            await call_often(client)
            async for event in events:
                break
        await new_entry(client)
    async with Client(URL, mode="legacy") as client:
        await call_often(client)


async def over_stdio():
    changed = asyncio.Event()

    async def on_message(message):
        if getattr(message, "method", None) == "notifications/resources/list_changed":
            changed.set()

    server = StdioServerParameters(command=PROGRAM, args=["mcp"], env=dict(os.environ))
    async with Client(server, mode="legacy", message_handler=on_message) as client:
        await client.call_tool("ask_faq", {"question": QUESTION})
        add_entry("reloaded-stdio")
        await asyncio.wait_for(changed.wait(), 60)
        listed = (await client.list_resources()).resources
        assert any(item.name == "reloaded-stdio" for item in listed)


async def new_entry(client):
    listed = (await client.list_resources(cache_mode="bypass")).resources
    assert any(item.name.startswith("reloaded-") for item in listed)


async def main():
    await over_http()
    await over_stdio()
    print("done")


asyncio.run(main())

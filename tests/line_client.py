"""Uses the fake of LINE with LINE's own SDK, and reads what the fake and the bot send: an independent
client checks both. Usage: line_client.py URL FILE; FILE has the token, the secret, requests of the webhook
and messages of the bot as JSON."""

import json
import sys
import uuid

from linebot.v3 import SignatureValidator, WebhookParser
from linebot.v3.exceptions import InvalidSignatureError
from linebot.v3.messaging import ApiClient, ApiException, Configuration, FlexContainer, FlexMessage
from linebot.v3.messaging import Message, MessagingApi, PostbackAction, PushMessageRequest, QuickReply
from linebot.v3.messaging import QuickReplyItem, ReplyMessageRequest, ShowLoadingAnimationRequest
from linebot.v3.messaging import TextMessage

URL, FILE = sys.argv[1:3]
with open(FILE, encoding="utf-8") as file:
    given = json.load(file)


def check_webhook():
    parser = WebhookParser(given["secret"])
    kinds = set()
    for request in given["requests"]:
        body, signature = request["body"], request["signature"]
        assert SignatureValidator(given["secret"]).validate(body, signature)
        try:
            parser.parse(body + " ", signature)
            raise AssertionError("accepted a changed body")
        except InvalidSignatureError:
            pass
        for event in parser.parse(body, signature):
            kinds.add(event.type)
            assert event.webhook_event_id and event.reply_token and event.mode == "active", event
            assert event.delivery_context.is_redelivery is False
    assert kinds == {"message", "postback", "follow", "join"}, kinds


def without_nulls(value):
    if isinstance(value, dict):
        return {key: without_nulls(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [without_nulls(part) for part in value]
    return value


def check_messages():
    # A property that the SDK does not know would be lost.
    for message in given["messages"]:
        read = Message.from_dict(message)
        written = json.loads(json.dumps(without_nulls(read.to_dict())))
        assert written == message, f"{json.dumps(message)}\n{json.dumps(written)}"
    kinds = {message["type"] for message in given["messages"]}
    assert kinds == {"text", "flex"}, kinds


def refused(status, call):
    try:
        call()
    except ApiException as error:
        assert error.status == status, error
        return
    raise AssertionError(f"accepted, expected {status}")


def check_api():
    api = MessagingApi(ApiClient(Configuration(host=URL, access_token=given["token"])))
    assert api.get_bot_info().display_name == "窓口"
    assert api.get_profile("U7").language == "ja"
    api.show_loading_animation(ShowLoadingAnimationRequest(chatId="U7", loadingSeconds=20))
    item = QuickReplyItem(action=PostbackAction(label="解決した", data="y:a@1", displayText="解決した"))
    text = TextMessage(text="はい", quickReply=QuickReply(items=[item]))
    bubble = {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": [
        {"type": "text", "text": "会費", "wrap": True, "weight": "bold"},
        {"type": "separator", "margin": "md"},
    ]}}
    flex = FlexMessage(altText="会費", contents=FlexContainer.from_dict(bubble))

    def reply(token, *messages):
        return api.reply_message(ReplyMessageRequest(replyToken=token, messages=list(messages)))

    tokens = given["tokens"]
    sent = reply(tokens[0], flex, text)
    assert len(sent.sent_messages) == 2 and sent.sent_messages[0].id, sent
    refused(400, lambda: reply(tokens[0], text))
    refused(400, lambda: reply("no-such-token", text))
    empty = FlexMessage(altText="x", contents=FlexContainer.from_dict({"type": "bubble"}))
    long = TextMessage(text="あ" * 5001)
    mail = {"type": "uri", "label": "mail", "uri": "mailto:a@b.example"}
    bubble["body"]["contents"][0]["action"] = mail
    mailto = FlexMessage(altText="x", contents=FlexContainer.from_dict(bubble))
    out_of_sight = [text, flex]
    for wrong in [[empty], [long], [mailto], out_of_sight]:
        refused(400, lambda: reply(tokens[1], *wrong))
    reply(tokens[1], text)
    push = PushMessageRequest(to="U7", messages=[flex])
    key = str(uuid.uuid4())
    assert api.push_message(push, x_line_retry_key=key).sent_messages[0].id
    refused(409, lambda: api.push_message(push, x_line_retry_key=key))
    refused(400, lambda: api.push_message(push))
    other = MessagingApi(ApiClient(Configuration(host=URL, access_token="wrong")))
    refused(401, other.get_bot_info)


check_webhook()
check_messages()
check_api()
print("done", flush=True)

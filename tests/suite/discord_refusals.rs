//! The fake Discord refuses the calls that Discord refuses: over HTTP, without a bot.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client;
use crate::support::discord::{APPLICATION_ID, FakeDiscord, Member, TOKEN};

/// Makes a call as the bot; returns the status and Discord's error code.
async fn call(fake: &FakeDiscord, method: Method, path: &str, body: &Value) -> (u16, u64) {
    let request = client()
        .request(method, format!("{}/api/v10{path}", fake.url()))
        .header("authorization", format!("Bot {TOKEN}"))
        .header("user-agent", "DiscordBot (https://a.example, 1)");
    let request = if body.is_null() {
        request
    } else {
        request.json(body)
    };
    let response = request.send().await.expect("a response");
    let status = response.status().as_u16();
    let answer: Value = response.json().await.unwrap_or_default();
    (status, answer["code"].as_u64().unwrap_or_default())
}

/// Responds to an interaction.
async fn answer(fake: &FakeDiscord, payload: &Value, body: &Value) -> (u16, u64) {
    let (id, token) = (&payload["id"], &payload["token"]);
    let path = format!("/interactions/{}/{}/callback", text(id), text(token));
    call(fake, Method::POST, &path, body).await
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn button(id: &str) -> Value {
    json!({"type": 2, "style": 1, "label": "x", "custom_id": id})
}

fn row(parts: Value) -> Value {
    json!({"content": "x", "components": [{"type": 1, "components": parts}]})
}

#[tokio::test]
async fn invalid_messages_are_refused() {
    let fake = FakeDiscord::start().await;
    let long = |count: usize| "あ".repeat(count);
    let embed = |embed: Value| json!({"embeds": [embed]});
    let link = |url: &str| row(json!([{"type": 2, "style": 5, "label": "x", "url": url}]));
    let options = |count: usize| {
        let option = |n| json!({"label": "x", "value": format!("{n}")});
        let options: Vec<_> = (0..count).map(option).collect();
        row(json!([{"type": 3, "custom_id": "a", "options": options}]))
    };
    let fields = |count: usize| {
        let field = json!({"name": "a", "value": "b"});
        embed(json!({"fields": vec![field; count]}))
    };
    let accepted = [
        json!({"content": long(2_000)}),
        embed(json!({"title": long(256), "description": long(4_096)})),
        fields(25),
        row(json!([button("a"), button("b")])),
        link("https://a.example/x"),
        options(25),
    ];
    let refused = [
        json!({"content": long(2_001)}),
        json!({"content": " \n"}),
        json!({"contents": "x"}),
        json!({"content": "x", "flags": 32_768}),
        embed(json!({"title": long(257)})),
        embed(json!({"description": long(4_097)})),
        embed(json!({"title": ""})),
        embed(json!({"title": "x", "url": "mailto:a@a.example"})),
        embed(json!({"description": "x", "footer": {"text": long(2_049)}})),
        embed(json!({"description": "x", "author": {"name": ""}})),
        json!({"embeds": [{"description": long(4_000)}, {"description": long(2_001)}]}),
        json!({"embeds": vec![json!({"title": "x"}); 11]}),
        fields(26),
        row(json!([button("a"), button("a")])),
        row(json!([button(&long(101))])),
        row(json!([])),
        row((0..6).map(|n| button(&n.to_string())).collect()),
        json!({"content": "x", "components": vec![json!({"type": 1}); 6]}),
        link("mailto:a@a.example"),
        options(26),
        options(0),
    ];
    let accepted = accepted.into_iter().map(|body| (body, 204));
    let refused = refused.into_iter().map(|body| (body, 400));
    for (body, expected) in accepted.chain(refused) {
        let mut allowed = body.clone();
        allowed["allowed_mentions"] = json!({"parse": []});
        let who = Member::new(7);
        let asked = fake.prepare(fake.command(&who, "ask", &json!({})));
        let sent = json!({"type": 4, "data": allowed});
        assert_eq!(answer(&fake, &asked, &sent).await.0, expected, "{body}");
        // Without `allowed_mentions`, any message is refused.
        let asked = fake.prepare(fake.command(&who, "ask", &json!({})));
        let sent = json!({"type": 4, "data": body});
        assert_eq!(answer(&fake, &asked, &sent).await, (400, 50_035), "{body}");
    }
    assert_eq!(fake.take_violations().len(), 27 + 21);
}

#[tokio::test]
async fn an_interaction_accepts_one_response_of_its_type_in_time() {
    let fake = FakeDiscord::start().await;
    let who = Member::new(7);
    let response = json!({"type": 4, "data": {"content": "x", "allowed_mentions": {"parse": []}}});
    let body = &response["data"];
    let asked = fake.prepare(fake.command(&who, "ask", &json!({"question": "x"})));
    let webhook = format!("/webhooks/{APPLICATION_ID}/{}", text(&asked["token"]));
    let original = format!("{webhook}/messages/@original");
    let send = async |method, path: &str| call(&fake, method, path, body).await;
    let get = async || call(&fake, Method::GET, &original, &Value::Null).await;
    assert_eq!(send(Method::POST, &webhook).await, (404, 10_015));
    assert_eq!(send(Method::PATCH, &original).await, (404, 10_015));
    for kind in [1, 6, 7, 8] {
        let wrong = json!({"type": kind, "data": {}});
        assert_eq!(answer(&fake, &asked, &wrong).await, (400, 50_035));
    }
    assert_eq!(answer(&fake, &asked, &response).await.0, 204);
    assert_eq!(answer(&fake, &asked, &response).await, (400, 40_060));
    assert_eq!(send(Method::POST, &webhook).await.0, 200);
    assert_eq!(send(Method::PATCH, &original).await.0, 200);
    assert_eq!(get().await.0, 200);
    let deleted = call(&fake, Method::DELETE, &original, &Value::Null).await;
    assert_eq!(deleted.0, 204);
    assert_eq!(get().await, (404, 10_008));
    fake.age(text(&asked["id"]), Duration::from_secs(15 * 60));
    assert_eq!(send(Method::POST, &webhook).await, (401, 50_027));

    let late = fake.prepare(fake.command(&who, "ask", &json!({"question": "x"})));
    fake.age(text(&late["id"]), Duration::from_secs(3));
    assert_eq!(answer(&fake, &late, &response).await, (404, 10_062));
    let typed = fake.prepare(fake.autocomplete(&who, "ask", "question", "x"));
    assert_eq!(answer(&fake, &typed, &response).await, (400, 50_035));
    let strange = json!({"id": "1", "token": "x"});
    assert_eq!(answer(&fake, &strange, &response).await, (404, 10_062));
    assert_eq!(fake.take_violations().len(), 12);
}

#[tokio::test]
async fn invalid_commands_are_refused() {
    let fake = FakeDiscord::start().await;
    let path = format!("/applications/{APPLICATION_ID}/commands");
    let with = |key: &str, value: Value| {
        let mut command = json!({"name": "ask", "description": "x"});
        command[key] = value;
        json!([command])
    };
    let options = |options: [(&str, bool); 2]| {
        let option = |(name, required)| json!({"type": 3, "name": name, "description": "x", "required": required});
        with("options", options.map(option).into_iter().collect())
    };
    for (body, expected) in [
        (with("name_localizations", json!({"ja": "質問"})), 200),
        (with("name_localizations", json!({"jp": "質問"})), 400),
        (with("name_localizations", json!({"ja": "質 問"})), 400),
        (with("name", json!("Ask")), 400),
        (with("name", json!("a".repeat(33))), 400),
        (with("description", json!("")), 400),
        (with("description", json!("x".repeat(101))), 400),
        (options([("a", true), ("b", false)]), 200),
        (options([("a", false), ("b", true)]), 400),
        (options([("a", true), ("a", true)]), 400),
        (with("contexts", json!([0, 3])), 400),
        (with("type", json!(3)), 400),
        (json!([{"type": 3, "name": "Find the answer"}]), 200),
        (
            json!([{"name": "a", "description": "x"}, {"name": "a", "description": "x"}]),
            400,
        ),
    ] {
        let (status, _) = call(&fake, Method::PUT, &path, &body).await;
        assert_eq!(status, expected, "{body}");
    }
    assert_eq!(fake.take_violations().len(), 11);
    // Localizations are returned only on request.
    let body = with("name_localizations", json!({"ja": "質問"}));
    call(&fake, Method::PUT, &path, &body).await;
    assert_eq!(fake.commands()[0]["name_localizations"]["ja"], "質問");
    assert_eq!(call(&fake, Method::POST, "/guilds", &body).await, (404, 0));
    assert_eq!(fake.take_violations().len(), 1);
}

//! Sixty planted personal data over all channels: none is in the bytes of the database or in the log.

use std::path::Path;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::records::{await_written, contains, sqlite, turns};
use crate::support::discord::transport::Transport;
use crate::support::discord::{self, FakeDiscord, Member};
use crate::support::knowledge::project;
use crate::support::line::{self, FakeLine};
use crate::support::process::Serving;
use crate::support::telegram::{self, FakeTelegram, chat_of, user_of};

/// Messages of members with what must not be stored of each.
const PLANTED: [(&str, &str); 60] = [
    (
        "会費の領収書を hanako.suzuki@example.co.jp に送って",
        "hanako.suzuki",
    ),
    (
        "セミナーの案内は ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ へ",
        "ｔａｒｏ",
    ),
    ("会費について jiro アットマーク example.jp へ返事を", "jiro"),
    ("会費について saburo(at)example.jp へ", "saburo"),
    ("通訳のことで shiro★example.com に", "shiro"),
    ("解約したい。電話は090-1111-2222です", "1111-2222"),
    ("解約の電話は０３（３３３３）４４４４へ", "３３３３"),
    ("解約 〇八〇五五五五六六六六 に電話", "五五五五"),
    ("サンプルの件、070 7777 8888 まで", "7777 8888"),
    ("商談会のことで ⑨⓪①②③④⑤⑥ に電話", "①②③④"),
    ("内線4321に電話して会費のことを聞きたい", "内線4321"),
    (
        "サンプルを〒150-0043東京都渋谷区道玄坂2-11-1へ送って",
        "道玄坂",
    ),
    (
        "住所は大阪府堺市堺区南瓦町3-1です。登録を変えたい",
        "南瓦町",
    ),
    ("郵便番号は980-0811で登録したい", "980-0811"),
    (
        "北海道函館市東雲町4番13号の会社ですが入会できますか",
        "東雲町",
    ),
    ("カード4111-1111-2222-3333で会費を払いたい", "2222-3333"),
    (
        "カード番号５５５５４４４４３３３３２２２２です。会費",
        "３３３３",
    ),
    ("マイナンバー1234 5678 9018を登録しますか", "5678 9018"),
    ("個人番号は九八七六五四三二一〇九八です", "九八七六"),
    ("普通口座7350918に返金して", "7350918"),
    (
        "梅田支店の口座番号は１１２２３３４です。返金を",
        "１１２２３３４",
    ),
    ("ゆうちょ 記号14370 番号31415926 に返金", "31415926"),
    ("パスポートTZ9173546で登録できますか", "9173546"),
    ("旅券番号はMU1029384です", "1029384"),
    ("免許証番号は301122334455です", "301122334455"),
    (
        "生年月日は1975年6月7日です。会員になれますか",
        "1975年6月7日",
    ),
    ("昭和48年2月9日生まれですが登録できますか", "48年2月9日"),
    ("S51.8.19生です。入会できますか", "51.8.19"),
    ("LINE IDはkazuko_88です。連絡して", "kazuko_88"),
    ("ＬＩＮＥのＩＤ：ｍｉｄｏｒｉ に連絡を", "ｍｉｄｏｒｉ"),
    ("Skype: live.goro で商談したい", "live.goro"),
    ("インスタはyumi_shopです", "yumi_shop"),
    (
        "https://example.jp/reset?token=s3cr3tvalue が開けない",
        "s3cr3tvalue",
    ),
    (
        "https://example.jp/invite/q8w7e6r5t4y3u2 で登録できない",
        "q8w7e6r5t4y3u2",
    ),
    (
        "パスワードはsakura!2026ですがログインできない",
        "sakura!2026",
    ),
    ("会員番号はB-7788です。解約したい", "B-7788"),
    ("ユーザーID「okada77」でログインできない", "okada77"),
    ("小笠原さんに解約を頼んだ", "小笠原"),
    ("我妻一郎様宛の請求書がほしい", "我妻"),
    ("長宗我部氏の紹介で入会したい", "長宗我部"),
    ("ウィリアムズさんと商談したい", "ウィリアムズ"),
    ("John Zuckermanさんの件で商談会", "Zuckerman"),
    ("窓口のきしもとさんに聞いた会費のこと", "きしもと"),
    ("綾小路と申します。会費はいくらですか", "綾小路"),
    ("株式会社空の勅使河原と申します。入会したい", "勅使河原"),
    ("名前は西園寺公子です。解約したい", "西園寺"),
    ("氏名：五十嵐 翔。会費", "五十嵐"),
    ("口座名義はイトウタロウです。返金", "イトウタロウ"),
    ("会員の渡邊です。セミナーに出たい", "渡邊"),
    ("My name is Eleanor Rigby. How do I cancel?", "Eleanor"),
    ("Mr. Featherstone wants to join", "Featherstone"),
    ("鮫島殿へのサンプルの送り先", "鮫島"),
    ("秘書の白洲くんの分も登録したい", "白洲"),
    ("暗証番号は8642です。ログインできない", "番号は8642"),
    ("セキュリティコードは975でした。会費", "コードは975"),
    ("店番876の口座から会費を払いたい", "店番876"),
    ("お客様番号：D55-90 を解約", "D55-90"),
    ("予約番号はQX7Y2Zです。商談会", "QX7Y2Z"),
    (
        "キーは9f8e7d6c5b4a39281706f5e4です。ログインできない",
        "9f8e7d6c5b4a",
    ),
    ("在留カードAB91735468CDで入会できますか", "91735468"),
];

#[tokio::test(flavor = "multi_thread")]
async fn no_planted_personal_data_is_stored_or_logged() {
    let folder = tempfile::tempdir().unwrap();
    let index = tempfile::tempdir().unwrap();
    let (records, location) = sqlite(folder.path());
    let telegram = FakeTelegram::start().await;
    let discord = FakeDiscord::start().await;
    let line = FakeLine::start().await;
    let environment = [
        ("MADOGUCHI_RECORDS", records.clone()),
        ("MADOGUCHI_RATE_ASK", "off".to_owned()),
        ("MADOGUCHI_RATE_SUGGEST", "off".to_owned()),
        ("MADOGUCHI_TELEGRAM_TOKEN", telegram::TOKEN.to_owned()),
        ("MADOGUCHI_TELEGRAM_API_URL", telegram.url()),
        ("MADOGUCHI_DISCORD_TOKEN", discord::TOKEN.to_owned()),
        ("MADOGUCHI_DISCORD_API_URL", discord.url()),
        ("MADOGUCHI_LINE_SECRET", line::SECRET.to_owned()),
        ("MADOGUCHI_LINE_TOKEN", line::TOKEN.to_owned()),
        ("MADOGUCHI_LINE_API_URL", line.url()),
    ];
    let index_folder = index.path().to_owned();
    let mut serving = tokio::task::spawn_blocking(move || {
        let environment = environment
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let address = "127.0.0.1:0".parse().unwrap();
        Serving::start_again(address, &project("knowledge"), &index_folder, &environment)
    })
    .await
    .unwrap();
    discord.registered().await;
    line.set_hook(serving.address());
    let mut asked = 0;
    for (number, (text, _)) in PLANTED.iter().enumerate() {
        let chat = 5_000 + i64::try_from(number).unwrap();
        match number % 4 {
            0 => {
                serving = on_the_web(serving, text).await;
                asked += 3;
            }
            1 => {
                let message = json!({
                    "message_id": telegram.message_id(), "date": 1_795_000_000,
                    "from": user_of(chat), "chat": chat_of(chat), "text": text,
                });
                telegram.push(json!({ "message": message }));
                let is_sent = || telegram.sent().contains_key(&chat).then_some(());
                telegram.until("an answer", is_sent).await;
                asked += 1;
            }
            2 => {
                let user = format!("U{chat}");
                line.deliver(line.text(&user, text));
                line.until("an answer", || line.sent_to(&user).pop()).await;
                asked += 1;
            }
            _ => {
                let member = Member::new(u64::try_from(number).unwrap());
                let question = discord.question(&member, text);
                Transport::Gateway.interact(&discord, question).await;
                asked += 1;
            }
        }
    }
    let (serving, log) = tokio::task::spawn_blocking(move || {
        await_written(&serving, asked);
        let log = serving.stop();
        (serving, log)
    })
    .await
    .unwrap();
    drop(serving);
    let stored = tokio::task::spawn_blocking(move || turns(&location))
        .await
        .unwrap();
    assert_eq!(stored.len() as u64, asked);
    let channels: std::collections::BTreeSet<_> = stored.iter().map(|it| &it.channel).collect();
    assert_eq!(channels.len(), 4, "{channels:?}");
    let mut leaks = Vec::new();
    for (text, secret) in PLANTED {
        leaks.extend(log.contains(secret).then(|| format!("log: {secret}")));
        for place in [folder.path(), index.path()] {
            let found = is_in_files(place, secret);
            leaks.extend(found.then(|| format!("{}: {secret} of {text}", place.display())));
        }
    }
    // Ids of chats and members identify them, too, also as a hash that anybody can compute.
    for number in 0..PLANTED.len() as u64 {
        for id in [5_000 + number, Member::new(number).id] {
            let bytes = id.to_be_bytes();
            let conversation = [bytes, bytes].concat();
            let hashes =
                [&bytes[..], &conversation[..]].map(|bytes| hex::encode(Sha256::digest(bytes)));
            let found = stored.iter().find(|turn| {
                turn.conversation == hex::encode(bytes)
                    || hashes
                        .iter()
                        .any(|hash| hash.starts_with(&turn.conversation))
            });
            leaks.extend(found.map(|turn| format!("{id} as {}", turn.conversation)));
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

/// Types, asks and comments with a text.
async fn on_the_web(serving: Serving, text: &'static str) -> Serving {
    tokio::task::spawn_blocking(move || {
        serving.post("/api/v1/suggest", &json!({ "q": text }));
        let answer = serving.ask(text);
        let feedback =
            json!({ "answer_id": answer["answer_id"], "helpful": false, "comment": text });
        serving.post("/api/v1/feedback", &feedback);
        let declined = json!({ "question": text, "none_of_these": true });
        serving.post("/api/v1/ask", &declined);
        serving
    })
    .await
    .unwrap()
}

/// Returns whether a file in a folder contains a text, as it is or as JSON writes it.
fn is_in_files(folder: &Path, text: &str) -> bool {
    let files = std::fs::read_dir(folder).unwrap().flatten();
    files.into_iter().any(|file| {
        let path = file.path();
        if path.is_dir() {
            return is_in_files(&path, text);
        }
        contains(&std::fs::read(path).unwrap(), text)
    })
}

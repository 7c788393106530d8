//! The command line: the real binary, its output and its exit codes.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;

use crate::support::knowledge::{base, broken, project};
use crate::support::process::{Serving, madoguchi, run, run_with, run_with_index, run_with_input};

fn shipped() -> PathBuf {
    project("knowledge")
}

#[test]
fn help_names_every_command_and_setting_and_shows_examples() {
    let ended = run(shipped(), &["--help"]);
    ended.assert_code(0);
    ended.assert_prints(&[
        "serve",
        "ask",
        "check",
        "index",
        "explain",
        "licenses",
        "Examples:",
        "--listen",
        "MADOGUCHI_LISTEN",
        "127.0.0.1:8080",
        "--knowledge",
        "MADOGUCHI_KNOWLEDGE",
        "--index",
        "MADOGUCHI_INDEX",
        "--allowed-origins",
        "MADOGUCHI_ALLOWED_ORIGINS",
        "--language",
    ]);
    for command in ["serve", "ask", "check", "index", "explain"] {
        let ended = run(shipped(), &[command, "--help"]);
        assert_eq!(ended.code, Some(0), "{command}");
        ended.assert_prints(&["Examples:\n", &format!("  madoguchi {command}")]);
    }
}

#[test]
fn an_answer_comes_with_its_source_and_aligned_tables() {
    let knowledge = base();
    let ended = run(&knowledge, &["ask", "プールの入場料はいくらですか？"]);
    insta::assert_snapshot!(ended.stdout, @r"
    「プールの入場料はいくらですか？」についてのお答えです。

    区分   | 料金
    大人   | 500 円
    子ども | 200 円

    出典：プールのご案内（料金）
    ");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_question_of_several_arguments_needs_no_quotes() {
    let ended = run(
        shipped(),
        &["ask", "有料会員の解約は", "どのように行えますか？"],
    );
    ended.assert_prints(&["https://selasjapan.jp/paid"]);
    ended.assert_code(0);
}

#[test]
fn an_escalation_names_a_desk_and_has_exit_code_3() {
    let knowledge = base();
    let ended = run(&knowledge, &["ask", "本を寄付したい"]);
    ended.assert_code(3);
    ended.assert_prints(&[
        "窓口：あおば市立図書館",
        "000-0000-0001",
        "ただいま受付",
        "  | 本を寄付したい\n",
    ]);
    let greeting = run(&knowledge, &["ask", "こんにちは"]);
    greeting.assert_code(0);
}

#[test]
fn the_language_flag_overrides_the_environment() {
    let knowledge = base();
    let message = |arguments: &[&str], environment: &[(&str, &str)]| {
        let arguments = [arguments, &["ask", "こんにちは"]].concat();
        run_with(&knowledge, &arguments, environment).stdout
    };
    let ja = message(&["--language", "ja"], &[]);
    let en = message(&["--language", "en"], &[]);
    assert!(en.starts_with("Hello"), "{en}");
    assert!(ja.starts_with("こんにちは"), "{ja}");
    assert_eq!(message(&[], &[]), ja);
    assert_eq!(message(&[], &[("LANG", "C.UTF-8")]), ja);
    assert_eq!(message(&[], &[("LANG", "en_US.UTF-8")]), en);
    assert_eq!(
        message(&[], &[("LANG", "en_US.UTF-8"), ("LC_ALL", "ja_JP.UTF-8")]),
        ja
    );
    assert_eq!(
        message(&["--language", "ja"], &[("LANG", "en_US.UTF-8")]),
        ja
    );
}

#[test]
fn the_prompt_keeps_the_conversation() {
    let input = "有料会員になると何ができますか\n\n違います\n1\n";
    let ended = run_with_input(shipped(), &["ask"], input.as_bytes());
    ended.assert_code(0);
    let answers: Vec<&str> = ended.stdout.split("> ").skip(1).collect();
    let [answer, others, chosen] = answers[..] else {
        panic!("three answers expected:\n{}", ended.stdout);
    };
    assert!(answer.contains("3,500"), "{answer}");
    let first = others
        .split("  1. ")
        .nth(1)
        .and_then(|rest| rest.lines().next());
    let first = first.expect("other entries to choose from");
    assert!(chosen.contains(&format!("「{first}」")), "{chosen}");
}

#[test]
fn json_equals_the_response_of_the_api() {
    let knowledge = base();
    let ended = run(&knowledge, &["ask", "--json", "回数券はありますか？"]);
    ended.assert_code(0);
    let mut printed: Value = serde_json::from_str(&ended.stdout).unwrap();
    let mut served = Serving::start(knowledge.path(), &[]).ask("回数券はありますか？");
    for answer in [&mut printed, &mut served] {
        assert_eq!(answer["entry"]["id"], "pool-coupon");
        // Ids differ from run to run.
        for key in ["answer_id", "conversation"] {
            assert!(answer[key].take().is_string(), "no `{key}`");
        }
    }
    assert_eq!(printed, served);

    let ended = run(
        &knowledge,
        &["ask", "--json", "--desk", "library", "本を寄付したい"],
    );
    ended.assert_code(3);
    let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(answer["escalation"]["desk"], "library");

    let ended = run(&knowledge, &["explain", "--json", "回数券は & = ? # 100%"]);
    ended.assert_code(0);
    let explanation: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(explanation["subjects"].is_array());
}

#[test]
fn json_has_one_object_per_line_and_keeps_the_conversation() {
    let knowledge = base();
    let long = "長".repeat(501);
    let input = format!("回数券はありますか？\n{long}\nこんにちは\n");
    let ended = run_with_input(&knowledge, &["ask", "--json"], input.as_bytes());
    ended.assert_code(0);
    let lines = ended.stdout.lines().map(serde_json::from_str::<Value>);
    let lines: Vec<Value> = lines.collect::<Result<_, _>>().unwrap();
    let [answer, problem, greeting] = &lines[..] else {
        panic!("three objects expected:\n{}", ended.stdout);
    };
    assert_eq!(problem["status"], 422, "{problem}");
    let name = |answer: &Value| {
        let token = answer["conversation"].as_str().unwrap().to_owned();
        token.split('.').next().unwrap().to_owned()
    };
    assert_eq!(name(answer), name(greeting));
}

#[test]
fn a_line_that_is_not_utf_8_does_not_end_the_prompt() {
    let knowledge = base();
    let input = b"\xff\xfe\x80\n\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf";
    let ended = run_with_input(&knowledge, &["ask", "--language", "en"], input);
    ended.assert_code(0);
    ended.assert_prints(&["Hello. I answer questions"]);
}

#[test]
fn check_passes_the_shipped_knowledge_and_shows_its_coverage() {
    let ended = run(shipped(), &["check"]);
    ended.assert_code(0);
    let row = ended
        .stdout
        .lines()
        .find(|line| line.starts_with("selas-sample-delivery "));
    let row: Vec<&str> = row
        .expect("a row for each entry")
        .split_whitespace()
        .collect();
    let [_, variants, texts] = row[..] else {
        panic!("id, variants and texts expected: {row:?}");
    };
    let (variants, texts) = (
        variants.parse::<u32>().unwrap(),
        texts.parse::<u32>().unwrap(),
    );
    assert!(variants > 0 && texts >= variants);
    let last = ended.stdout.lines().last().unwrap();
    assert!(
        last.starts_with("28 entries, ") && last.contains(" problem"),
        "{last}"
    );
}

#[test]
fn check_reports_every_mistake_with_its_place_and_fails() {
    let knowledge = broken("several_mistakes");
    let ended = run(&knowledge, &["check"]);
    ended.assert_code(1);
    let hints = ended.stdout.matches("\n  hint: ").count();
    assert!(hints > 1, "{}", ended.stdout);
    let folder = knowledge.path().to_str().unwrap();
    let places = ended.stdout.lines().filter(|line| line.starts_with(folder));
    for place in places.clone() {
        let rest = place[folder.len()..].split(": ").next().unwrap();
        let line = rest.rsplit(':').next().unwrap();
        assert!(line.parse::<usize>().is_ok(), "no line in `{place}`");
    }
    assert_eq!(places.count(), hints);
    let last = ended.stdout.lines().last().unwrap();
    assert!(last.ends_with(&format!(" {hints} problems")), "{last}");
}

#[test]
fn no_command_answers_from_knowledge_with_an_error() {
    let knowledge = broken("same_variant");
    for arguments in [
        &["ask", "本"][..],
        &["serve", "--listen", "127.0.0.1:0"],
        &["explain", "本"],
    ] {
        let ended = run(&knowledge, arguments);
        assert_eq!(ended.code, Some(1), "{arguments:?}");
        assert_eq!(ended.stdout, "");
        ended.assert_reports(&[".toml:", "hint: "]);
    }
}

#[test]
fn an_index_that_cannot_be_written_is_held_in_memory() {
    // A file in the way stops root too; missing permissions would not.
    let (knowledge, folder) = (base(), tempfile::tempdir().unwrap());
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let index = file.join("index");
    let ended = run_with_index(&knowledge, &index, &["ask", "回数券はありますか？"]);
    ended.assert_code(0);
    ended.assert_prints(&["11 枚つづり"]);
    let warning: Value = serde_json::from_str(ended.stderr.trim()).unwrap();
    assert_eq!(warning["level"], "WARN");
    assert!(
        warning["message"]
            .as_str()
            .unwrap()
            .contains("held in memory")
    );
    assert!(
        warning["error"]
            .as_str()
            .unwrap()
            .contains(index.to_str().unwrap())
    );
    // `index` must write to disk.
    let ended = run_with_index(&knowledge, &index, &["index"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    ended.assert_reports(&["--index"]);
}

#[test]
fn the_index_is_built_once_and_again_when_forced() {
    let (knowledge, index) = (base(), tempfile::tempdir().unwrap());
    let own_file = index.path().join("meta.json");
    fs::write(&own_file, "").unwrap();
    for (arguments, expected) in [
        (&["index"][..], "built the index of 4 entries in `"),
        (&["index"], "opened the index of 4 entries in `"),
        (&["index", "--force"], "built the index of 4 entries in `"),
    ] {
        let ended = run_with_index(&knowledge, index.path(), arguments);
        ended.assert_code(0);
        assert!(ended.stdout.starts_with(expected), "{}", ended.stdout);
    }
    assert!(own_file.exists(), "only indexes may be removed");
}

#[test]
fn an_invalid_argument_is_named_with_an_example_that_works() {
    let knowledge = base();
    for (arguments, expected) in [
        (
            &["serve", "--listen", "8080"][..],
            &["8080", "--listen", "expected", "127.0.0.1:8080"][..],
        ),
        (
            &["serve", "--allowed-origins", "a.example"],
            &["a.example", "--allowed-origins", "https://"],
        ),
        (
            &["--language", "fr", "ask", "x"],
            &["fr", "--language", "ja", "en"],
        ),
        (
            &["ask", "--desk", "museum", "本"],
            &["museum", "--desk", "library, pool"],
        ),
        (&["explain"], &["QUESTION"]),
        (&["asq"], &["asq", "--help"]),
    ] {
        let ended = run(&knowledge, arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        ended.assert_reports(expected);
    }
    let ended = run_with(&knowledge, &["serve"], &[("MADOGUCHI_LISTEN", "nowhere")]);
    ended.assert_code(2);
    ended.assert_reports(&["nowhere", "MADOGUCHI_LISTEN", "127.0.0.1:8080"]);
}

#[test]
fn staff_commands_print_japanese_by_flag_or_environment() {
    let knowledge = broken("several_mistakes");
    let run_in = |arguments: &[&str], environment: &[(&str, &str)]| {
        run_with(&knowledge, arguments, environment)
    };
    let japanese: [(&str, &str); 1] = [("LANG", "ja_JP.UTF-8")];
    for (arguments, environment) in [
        (&["check", "--language", "ja"][..], &[][..]),
        (&["check"], &japanese),
    ] {
        let ended = run_in(arguments, environment);
        ended.assert_code(1);
        ended.assert_prints(&[
            "\n  直し方: ",
            "`varients` という名前は使えません",
            "問題 8 件",
        ]);
    }
    let english = run_in(&["check", "--language", "en"], &japanese);
    english.assert_prints(&["\n  hint: "]);
    let refused = run_in(&["ask", "本"], &japanese);
    refused.assert_reports(&["エラー: ", "直すところが 8 件あります", "\n  直し方: "]);
    for command in [&["--help"][..], &["check", "--help"], &["help", "explain"]] {
        let help = run_in(command, &japanese);
        help.assert_code(0);
        help.assert_prints(&[
            "使い方: madoguchi",
            "オプション:",
            "環境変数: MADOGUCHI_INDEX",
        ]);
        for unexpected in ["Usage", "Options", "[env", "Print help"] {
            assert!(!help.stdout.contains(unexpected), "{}", help.stdout);
        }
    }
}

#[test]
fn explain_and_evaluate_print_japanese() {
    let knowledge = base();
    let explained = run(&knowledge, &["--language", "ja", "explain", "回数券の値段"]);
    explained.assert_prints(&[
        "1. 解析",
        "2. 候補",
        "3. 判断",
        "判断: ",
        "4. 回答",
        "結果        answered",
    ]);
    let set = knowledge.path().join("set.tsv");
    fs::write(&set, "回数券はありますか\tpool-coupon\tplain\n").unwrap();
    let set = set.to_str().unwrap();
    let evaluated = run(&knowledge, &["--language", "ja", "evaluate", set]);
    evaluated.assert_prints(&["種類", "1位が正解", "全体", "順位の手がかり: 語 1 件"]);
}

#[test]
fn an_evaluation_is_compared_with_an_earlier_one() {
    let knowledge = base();
    let set = knowledge.path().join("set.tsv");
    let text = "回数券はありますか\tpool-coupon\tplain\na\t1\t回数券はありますか\tpool-coupon\n";
    fs::write(&set, text).unwrap();
    let set = set.to_str().unwrap();
    let saved = run(&knowledge, &["evaluate", "--json", set]).stdout;
    let before = saved.replace("\"is_good\": true", "\"is_good\": false");
    let before = before.replacen("\"answered right\": 1.0", "\"answered right\": 0.25", 1);
    let earlier = knowledge.path().join("before.json");
    fs::write(&earlier, before).unwrap();
    let earlier = earlier.to_str().unwrap();
    let compared = run(&knowledge, &["evaluate", "--compare", earlier, set]);
    compared.assert_prints(&[
        "answered right      0.250 -> 1.000  (+0.750)",
        "gained: 2",
        "a 1  回数券はありますか  [entry]  answered pool-coupon",
        "lost: 0",
        "changed otherwise: 0",
    ]);
    let compared = run(
        &knowledge,
        &["evaluate", "--json", "--compare", earlier, set],
    );
    let compared: serde_json::Value = serde_json::from_str(&compared.stdout).unwrap();
    let comparison = &compared["comparison"];
    assert_eq!(compared["overall"]["answered right"], 1.0);
    assert_eq!(comparison["gained"].as_array().unwrap().len(), 2);
    assert_eq!(comparison["lost"], serde_json::json!([]));
    let figures = comparison["figures"].as_array().unwrap();
    let right = figures.iter().find(|f| f["figure"] == "answered right");
    assert_eq!(right.unwrap()["before"], 0.25);
    let no_run = run(&knowledge, &["evaluate", "--compare", set, "no-such.tsv"]);
    no_run.assert_reports(&["is not a run saved with `madoguchi evaluate --json`"]);
    let failing = knowledge.path().join("failing.tsv");
    fs::write(&failing, "回数券はありますか\tOFFTOPIC\tplain\n").unwrap();
    let failing = failing.to_str().unwrap();
    let failures = run(&knowledge, &["evaluate", "--failures", failing]);
    failures.assert_prints(&[
        "expected OFFTOPIC",
        "got answered pool-coupon",
        "without an entry",
    ]);
}

#[test]
fn licences_of_the_software_and_of_the_dictionary_are_printed() {
    let ended = run(shipped(), &["licenses"]);
    ended.assert_code(0);
    ended.assert_prints(&["MIT License", madoguchi_dictionary::NOTICE.trim()]);
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let index = tempfile::tempdir().unwrap();
    let mut command = madoguchi(index.path());
    command
        .arg("licenses")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn explain_shows_every_step() {
    let knowledge = base();
    let ended = run(&knowledge, &["explain", "回数券の値段"]);
    ended.assert_code(0);
    ended.assert_prints(&[
        "1. Analysis",
        "カイスウケン",
        "≈料金",
        "2. Subjects",
        "entry pool-coupon",
        "3. Decision",
        "answered from",
        "4. Answer",
        "outcome",
    ]);
}

#[test]
fn serve_answers_over_http_and_stops_on_a_signal() {
    let knowledge = base();
    for signal in ["TERM", "INT"] {
        let mut serving = Serving::start(knowledge.path(), &[]);
        let answer = serving.ask("プールの入場料はいくらですか？");
        assert_eq!(answer["outcome"], "answered");
        assert_eq!(answer["entry"]["id"], "pool-fee");
        serving.signal(signal);
        assert_eq!(serving.wait().code(), Some(0), "{signal}");
        let log = serving.lines.join("\n");
        assert!(!log.contains("入場料"), "a question is in the log:\n{log}");
    }
}

#[test]
fn the_log_names_the_served_knowledge_at_the_start() {
    let knowledge = base();
    let records = "postgres://madoguchi:very-secret@127.0.0.1:1/records";
    let mut serving = Serving::start(knowledge.path(), &[("MADOGUCHI_RECORDS", records)]);
    serving.log_line("records: cannot be written now, trying again");
    let logged: Vec<Value> = serving
        .lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ready = logged.iter().find(|line| line["message"] == "ready");
    let ready = ready.unwrap();
    assert_eq!(ready["entries"], 4);
    assert_eq!(ready["desks"], 2);
    assert_eq!(ready["index"], "built");
    assert!(ready["milliseconds"].is_u64());
    assert!(
        !serving.lines.join("").contains("very-secret"),
        "a secret is in the log"
    );
}

#[test]
fn an_address_in_use_is_named_with_an_example_that_works() {
    let knowledge = base();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = run(&knowledge, &["serve", "--listen", &address]);
    ended.assert_code(1);
    ended.assert_reports(&[
        address.as_str(),
        "--listen",
        "MADOGUCHI_LISTEN",
        "free port",
    ]);
}

/// A token or key must not be printed, since the output of a service is stored.
#[test]
fn invalid_secrets_of_bots_are_rejected_without_their_values() {
    let knowledge = base();
    for (name, value, expected) in [
        ("TELEGRAM_TOKEN", "987654321:Fake Secret", "BotFather"),
        (
            "TELEGRAM_WEBHOOK_SECRET",
            "0123456789abcdef",
            "MADOGUCHI_TELEGRAM_TOKEN",
        ),
        ("DISCORD_TOKEN", "OTg3.Fake Secret", "developer portal"),
        ("DISCORD_PUBLIC_KEY", "OTg3.Fake.Secret", "64 hexadecimal"),
        ("LINE_TOKEN", "OTg3FakeSecret", "MADOGUCHI_LINE_SECRET"),
    ] {
        let serve = ["serve", "--listen", "127.0.0.1:0"];
        let name = format!("MADOGUCHI_{name}");
        let ended = run_with(&knowledge, &serve, &[(&name, value)]);
        ended.assert_code(1);
        ended.assert_reports(&[expected]);
        assert!(!ended.stderr.contains(value), "{}", ended.stderr);
    }
}

#[test]
fn an_index_that_failed_the_self_retrieval_check_is_checked_again() {
    let folder = base();
    let entries = fs::read_dir(folder.path()).unwrap();
    let desks = entries.map(|entry| entry.unwrap().path());
    let desk = desks.filter(|path| path.is_dir()).min().unwrap();
    // A danger to a life gets help lines and never an entry.
    fs::write(
        desk.join("mute.toml"),
        "[[entry]]\nid = \"mute\"\ncategory = \"c\"\nquestion = \"死にたい\"\nanswer = \"a\"\nsource = { document = \"d\", section = \"s\" }\n",
    )
    .unwrap();
    let index = tempfile::tempdir().unwrap();
    // The first builds the index; the others open it and must check it again.
    for arguments in [&["index"][..], &["ask", "図書"], &["index"]] {
        let ended = run_with_index(&folder, index.path(), arguments);
        ended.assert_code(1);
        ended.assert_reports(&["entry \"mute\": its own question"]);
    }
}

#[test]
fn zero_declines_the_choices_and_drafts_the_question() {
    for arguments in [&["ask"][..], &["ask", "--json"]] {
        let ended = run_with_input(shipped(), arguments, "会員\n0\n0\n".as_bytes());
        ended.assert_code(0);
        let parts: Vec<&str> = if arguments.len() == 1 {
            ended.stdout.split("> 0").collect()
        } else {
            ended.stdout.lines().collect()
        };
        let [offered, declined, again] = parts[..] else {
            panic!("{}", ended.stdout);
        };
        assert!(
            offered.contains("  0. この中にはない") || arguments.len() == 2,
            "{offered}"
        );
        let draft = ["  | 会員", "\\n会員\\n"];
        assert!(
            draft.iter().any(|line| declined.contains(line)),
            "{declined}"
        );
        // Without a list, 0 is a text like any other.
        assert!(!draft.iter().any(|line| again.contains(line)), "{again}");
    }
}

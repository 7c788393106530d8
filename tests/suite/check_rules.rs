//! What `check` finds beyond the form of the files: subjects that compete, and all problems in one round.

use std::fs;

use crate::support::knowledge::{base, edit};
use crate::support::process::run;

#[test]
fn an_entry_whose_questions_a_referral_takes_is_a_warning() {
    let folder = base();
    run(folder.path(), &["check"]).assert_prints(&["0 problems"]);
    let entry = "\n[[entry]]\nid = \"library-gift\"\ncategory = \"寄贈\"\n\
         question = \"本を寄付できますか？\"\nvariants = [\"本を寄付する\", \"本の寄付の方法\"]\n\
         answer = \"窓口へお持ちください。\"\n\
         source = { document = \"図書館のしおり\", section = \"9\" }\n";
    let card = folder.path().join("library/card.toml");
    let text = fs::read_to_string(&card).unwrap();
    let (entries, referrals) = text.split_once("[[referral]]").unwrap();
    fs::write(&card, format!("{entries}{entry}\n[[referral]]{referrals}")).unwrap();
    let ended = run(folder.path(), &["check"]);
    ended.assert_code(0);
    ended.assert_prints(&[
        "entry \"library-gift\": questions such as `本を寄付したい` (1) lead to referral \"library-donation\"",
        "move these variants from referral \"library-donation\" to this entry",
        "1 problem",
    ]);
}

#[test]
fn errors_of_form_do_not_hide_what_asking_finds() {
    let folder = base();
    let fees = folder.path().join("pool/fees.toml");
    edit(&fees, "related = [\"pool-fee\"]", "relatd = [\"pool-fee\"]");
    let card = folder.path().join("library/card.toml");
    // A danger to a life: the question never finds its own entry.
    edit(&card, "利用者カードをなくしました。", "死にたい");
    let ended = run(folder.path(), &["check"]);
    ended.assert_code(1);
    ended.assert_prints(&[
        "`relatd`",
        "its own question does not find it",
        "2 problems",
    ]);
}

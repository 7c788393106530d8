//! What saving a form of the staff desk keeps: the edits of others, the lines and comments of the file, and what
//! the form does not show.

use crate::staff_forms::{changed, open, publish, save, signed_in};
use crate::support::staff::start;

#[tokio::test]
async fn a_word_to_ignore_is_added_and_removed_within_its_line() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let before = folder.read("lexicon.toml");
    let path = "/staff/word?kind=stop_words";
    let mut form = open(&mut browser, path, "/staff/word").await;
    let words = form.value("stop_words");
    let words = words.replacen("\n聞く\n", "\n聞く\nほにゃ\n", 1);
    let words = words.replacen("\n出来る\n", "\n", 1);
    form.set("stop_words", &words);
    save(&mut browser, &form).await;
    publish(&mut browser).await;
    let expected = before
        .replacen("\"聞く\", \"きく\"", "\"聞く\", \"ほにゃ\", \"きく\"", 1)
        .replacen("\"できる\", \"出来る\", ", "\"できる\", ", 1);
    assert_ne!(expected, before);
    let after = folder.read("lexicon.toml");
    assert_eq!(changed(&expected, &after), Vec::<String>::new());
}

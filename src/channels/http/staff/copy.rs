//! `/staff/copy`: copies an entry whose answer changes on a day.

use axum::response::Response;
use maud::html;

use super::editing::{Opened, drafted, try_edit};
use super::failure::{Failure, Kind};
use super::form::{Field, Mistakes, Reader};
use super::layout::{csrf_field, go_to, page};
use super::member::{Member, Posted};
use crate::staff::EditRefusal;

/// Asks for the day.
pub(super) async fn show(member: Member) -> Result<Response, Failure> {
    let id = member.parameter("id").unwrap_or_default().to_owned();
    form(&member, &id, "", &Mistakes::default()).await
}

/// Puts the copy into the draft, and leads to its form.
pub(super) async fn save(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let id = fields.text("id").to_owned();
    let label = label(&member);
    let mut reader = Reader::new(&member, &fields);
    let from = reader.day("from", label);
    let typed = fields.text("from").trim();
    reader.require("from", label, typed);
    let mut mistakes = reader.mistakes;
    let Some(from) = from else {
        return form(&member, &id, typed, &mistakes).await;
    };
    let detail = format!("{id} → {from}");
    let old = id.clone();
    let copied = try_edit(&member, &detail, Opened::nothing(), move |bench| {
        bench.copy_entry(&old, from)
    });
    match copied.await? {
        Ok(new) => {
            let parameters = [("id", new.as_str()), ("copied", "1")];
            Ok(go_to(&member.link("/staff/entry", &parameters)))
        }
        Err(EditRefusal::Day(_)) => {
            mistakes.add("from", label, member.say(
                "前の日とこの日の両方に、今の項目が有効である必要があります。「この日から有効」「この日まで有効」を確かめてください。",
                "The entry must be valid on this day and on the day before. Check its first and last day.",
            ));
            form(&member, &id, typed, &mistakes).await
        }
        Err(other) => {
            mistakes.add_general(&other.to_string());
            form(&member, &id, typed, &mistakes).await
        }
    }
}

fn label(member: &Member) -> &'static str {
    member.say("新しい内容になる日", "First day of the new content")
}

async fn form(
    member: &Member,
    id: &str,
    typed: &str,
    mistakes: &Mistakes,
) -> Result<Response, Failure> {
    let knowledge = drafted(member).await?;
    let entry = knowledge.entry(id);
    let entry = entry.ok_or_else(|| member.fail(Kind::NotFound))?;
    let title = member.say("写して新しい項目を作る", "Copy into a new entry");
    let main = html! {
        h1 { (title) }
        p lang="ja" { (entry.question) }
        p { (member.say(
            "今の項目はその前の日までになり、新しい項目がその日から会員に見えます。質問も言い換えもすべて写します。このあと、新しい項目の値段などを直します。",
            "The entry ends on the day before, and members see the new one from that day on. All wordings are copied. You then change what differs in the new one, such as the price.",
        )) }
        (mistakes.summary(member))
        form.fields method="post" action=(member.path("/staff/copy")) {
            (csrf_field(member))
            input type="hidden" name="id" value=(id);
            (Field::line("from", label(member), typed).kind("date").required().render(member, mistakes))
            button type="submit" { (member.say("写して、新しい項目を直す", "Copy, and edit the new entry")) }
        }
    };
    Ok(page(member, title, main))
}

//! `GET /staff/desks`: the desks, each with a link to its form.

use axum::response::Response;
use maud::html;

use super::editing::drafted;
use super::failure::Failure;
use super::layout::page;
use super::member::Member;

/// Lists the desks, as the draft of the member has them.
pub(super) async fn desks(member: Member) -> Result<Response, Failure> {
    let knowledge = drafted(&member).await?;
    let title = member.say("窓口", "Desks");
    let language = member.language;
    let main = html! {
        h1 { (title) }
        p { (member.say(
            "会員をご案内する先です。名前、電話やメール、受付時間を直せます。",
            "Where members are sent. Names, telephone numbers, addresses and hours can be changed.",
        )) }
        @for desk in &knowledge.desks {
            section.card {
                h2 { a href=(member.link("/staff/desk", &[("id", desk.id.as_str())])) { (desk.name.get(language)) } }
                ul {
                    @for point in &desk.contact_points {
                        li { (point.label.get(language)) ": " (point.value.get(language)) }
                    }
                    @if let Some(hours) = &desk.hours { li { (hours.text.get(language)) } }
                }
            }
        }
        p { a href=(member.path("/staff/closed")) { (member.say("年末年始などの休みの日を入れる", "Enter closed days, such as the new year")) } }
    };
    Ok(page(&member, title, main))
}

//! `/staff/desk`: the form of a desk with its contact points and hours.

use axum::response::Response;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::closed_days;
use super::contact_points::{self, TypedPoint};
use super::day_hours;
use super::editing::{Opened, opened, outdated, save as save_form};
use super::failure::{Failure, Kind};
use super::form::{Field, Mistakes, Reader, both_fields, save_button};
use super::labels::Form::Desk as Labels;
use super::layout::{csrf_field, page};
use super::member::{Member, Posted};
use crate::knowledge::business_hours::{BusinessHours, WEEKDAYS, overlapping};
use crate::knowledge::{Desk, KnowledgeBase, Localized, Snapshot};
use crate::staff::{WrittenDesk, WrittenHours};

/// The time zone of a desk that has no hours yet.
const TIME_ZONE: &str = "Asia/Tokyo";

/// The box that confirms that the closed days are removed together with the hours.
const WITHOUT_DAYS: &str = "without_days";

/// Number of days that the question before their removal names.
const MAX_NAMED_DAYS: usize = 5;

/// A desk as it was typed.
struct Typed {
    /// The desk; its points and its week are in the other fields.
    desk: WrittenDesk,
    points: Vec<TypedPoint>,
    has_hours: bool,
    hours: WrittenHours,
    week: [String; 7],
    /// The closed days and the days with other hours, which the form does not show.
    days: Vec<String>,
    /// Whether they may be removed.
    is_without_days: bool,
}

/// Shows the form of a desk, as the draft of the member has it.
pub(super) async fn show(member: Member) -> Result<Response, Failure> {
    let (knowledge, files) = opened(&member).await?;
    let id = member.parameter("id").unwrap_or_default();
    let (desk, opened) = find(&member, &knowledge, &files, id)?;
    let mut typed = Typed::of(desk);
    typed.points.push(TypedPoint::empty());
    let mistakes = Mistakes::default();
    Ok(form(&member, &typed, opened.state(), &mistakes))
}

/// Puts the form into the draft, or shows it with one more contact point.
pub(super) async fn save(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let (knowledge, files) = opened(&member).await?;
    let (desk, opened) = find(&member, &knowledge, &files, fields.text("id"))?;
    let mut reader = Reader::new(&member, &fields);
    let mut typed = Typed::read(&member, &mut reader, desk);
    let is_new_point = fields.text("then") == "point";
    let mut mistakes = reader.mistakes;
    typed.points = contact_points::read(&member, &fields, &mut mistakes);
    // The state with which the form was opened stays: what changed since is refused at each attempt.
    let state = fields.text("opened");
    if is_new_point {
        typed.points.push(TypedPoint::empty());
        return Ok(form(&member, &typed, state, &Mistakes::default()));
    }
    if state != opened.state() {
        return Ok(form(&member, &typed, state, &outdated(&member)));
    }
    let desk = typed.written();
    if desk.points.is_empty() {
        mistakes.add_general(member.say(
            "連絡先を一つ以上書いてください。会員をご案内できなくなります。",
            "Enter at least one contact point; without one, members cannot be sent anywhere.",
        ));
    }
    if typed.loses_days() && !typed.is_without_days {
        let question = member.say(
            "受付時間を消すと、入れてある休みの日など（{days}）も消えます。消してよければ印を付けて、もう一度「下書きに入れる」を押してください。残すなら「受付時間がある」に印を付けてください。",
            "Without hours, the closed days and other exceptions ({days}) are removed too. To remove them, tick this box and press “Put into the draft” again. To keep them, tick “It has hours”.",
        );
        let question = question.replace("{days}", &typed.named_days(&member));
        mistakes.add(WITHOUT_DAYS, without_days(&member), &question);
    }
    if !mistakes.is_empty() {
        return Ok(form(&member, &typed, state, &mistakes));
    }
    let id = desk.id.clone();
    let saved = save_form(&member, &id, opened, move |bench| bench.change_desk(desk));
    match saved.await? {
        Ok(done) => Ok(done),
        Err(mistakes) => Ok(form(&member, &typed, state, &mistakes)),
    }
}

fn find<'a>(
    member: &Member,
    knowledge: &'a KnowledgeBase,
    files: &Snapshot,
    id: &str,
) -> Result<(&'a Desk, Opened), Failure> {
    let desk = knowledge.desk(id);
    let desk = desk.ok_or_else(|| member.fail(Kind::NotFound))?;
    let file = desk.location.file.to_string_lossy().replace('\\', "/");
    Ok((desk, Opened::file(files, &file)))
}

/// Returns the closed days of a desk, and its days with other hours.
fn days_of(desk: &Desk) -> Vec<String> {
    let hours = desk.hours.as_ref().map(|hours| &hours.business_hours);
    let days = hours.map(
        |BusinessHours {
             closed, exceptions, ..
         }| {
            let closed = closed.iter().map(closed_days::shown);
            closed.chain(exceptions.keys().map(ToString::to_string))
        },
    );
    days.into_iter().flatten().collect()
}

fn without_days(member: &Member) -> &'static str {
    member.say(
        "受付時間と一緒に、休みの日なども消す",
        "Remove the closed days and exceptions together with the hours",
    )
}

impl Typed {
    fn of(desk: &Desk) -> Self {
        let written = WrittenDesk::from(desk);
        let none = WrittenHours {
            text: Localized {
                ja: String::new(),
                en: String::new(),
            },
            time_zone: TIME_ZONE.to_owned(),
            week: Default::default(),
            closed_on_holidays: true,
        };
        let hours = written.hours.clone();
        let points = written.points.iter().enumerate();
        Self {
            points: points
                .map(|(at, point)| TypedPoint::of(at, point))
                .collect(),
            has_hours: hours.is_some(),
            week: hours
                .as_ref()
                .map(|hours| hours.week.each_ref().map(|day| day_hours::write(day)))
                .unwrap_or_default(),
            hours: hours.unwrap_or(none),
            desk: written,
            days: days_of(desk),
            is_without_days: false,
        }
    }

    fn read(member: &Member, reader: &mut Reader<'_>, before: &Desk) -> Self {
        let label = |key| Labels.label(key, member.language);
        let name = reader.both("name", label("name"), true);
        let programme = reader.both("programme", label("programme"), true);
        let words = reader.lines("words", label("words"));
        let featured = reader.lines("featured", label("featured"));
        let has_hours = reader.is_checked("has_hours");
        let text = reader.both("hours", label("text"), has_hours);
        let time_zone = reader.line("time_zone", label("time_zone"));
        if has_hours && TimeZone::get(&time_zone).is_err() {
            let expected = member.say("日本なら Asia/Tokyo です。", "For Japan it is Asia/Tokyo.");
            reader
                .mistakes
                .add("time_zone", label("time_zone"), expected);
        }
        let texts = WEEKDAYS.map(|day| reader.line(day, label(day)));
        let days: Vec<_> = WEEKDAYS.iter().zip(&texts).collect();
        let mut week: [Vec<_>; 7] = Default::default();
        for ((day, text), intervals) in days.into_iter().zip(&mut week) {
            let day = *day;
            let read = day_hours::read(text);
            let mistake = match &read {
                None => Some(member.say(
                    "09:00-12:00, 13:00-17:00 のように、早い時刻から書いてください。休みの日は空にします。",
                    "Write 09:00-12:00, 13:00-17:00, the earlier time first; leave a closed day empty.",
                )),
                Some(read) => overlapping(read).map(|_| {
                    member.say("時間帯が重なっています。", "The times overlap.")
                }),
            };
            if let Some(mistake) = mistake.filter(|_| has_hours) {
                reader.mistakes.add(day, label(day), mistake);
            }
            *intervals = read.unwrap_or_default();
        }
        let hours = WrittenHours {
            text,
            time_zone,
            week,
            closed_on_holidays: reader.is_checked("closed_on_holidays"),
        };
        Self {
            desk: WrittenDesk {
                name,
                programme,
                words,
                featured,
                ..WrittenDesk::from(before)
            },
            points: Vec::new(),
            has_hours,
            hours,
            week: texts,
            days: days_of(before),
            is_without_days: reader.is_checked(WITHOUT_DAYS),
        }
    }

    /// Returns whether the desk had days that are removed together with its hours.
    fn loses_days(&self) -> bool {
        !self.has_hours && !self.days.is_empty()
    }

    /// Names the days, or the first of many.
    fn named_days(&self, member: &Member) -> String {
        let first = &self.days[..self.days.len().min(MAX_NAMED_DAYS)];
        let more = self.days.len() - first.len();
        let named = first.join(member.say("、", ", "));
        if more == 0 {
            return named;
        }
        let others = member.say("、ほか {} 件", " and {} more");
        format!("{named}{}", others.replace("{}", &more.to_string()))
    }

    fn written(&self) -> WrittenDesk {
        WrittenDesk {
            points: contact_points::written(&self.points),
            hours: self.has_hours.then(|| self.hours.clone()),
            ..self.desk.clone()
        }
    }
}

fn form(member: &Member, typed: &Typed, state: &str, mistakes: &Mistakes) -> Response {
    let title = member.say("窓口を直す", "Edit a desk");
    let label = |key| Labels.label(key, member.language);
    let desk = &typed.desk;
    let main = html! {
        h1 { (title) }
        p.note { (desk.name.get(member.language)) }
        (mistakes.summary(member))
        form.fields method="post" action=(member.path("/staff/desk")) {
            (csrf_field(member))
            // Enter in a field would press the first button, which only adds a contact point.
            button type="submit" name="then" value="save" hidden {}
            input type="hidden" name="id" value=(desk.id);
            input type="hidden" name="opened" value=(state);
            (both_fields(member, mistakes, "name", label("name"), &desk.name, Field::required))
            (both_fields(member, mistakes, "programme", label("programme"), &desk.programme, |field| {
                field.required().note(member.say(
                    "会員が窓口を選ぶときに見る名前です。",
                    "What members see when they choose between desks.",
                ))
            }))
            (contact_points::fields(member, &typed.points, mistakes))
            (hours(member, typed, mistakes))
            (Field::line("featured", label("featured"), &desk.featured.join("\n")).rows(4).note(member.say(
                "まだ質問していない会員に見せる項目の id を、一行に一つ。空なら、はじめの四つです。",
                "Ids of the entries that members see before they ask, one per line. If empty, the first four.",
            )).render(member, mistakes))
            (Field::line("words", label("words"), &desk.words.join("\n")).rows(3).note(member.say(
                "質問に出てくると、この窓口への質問だとわかることば。一行に一つ。",
                "Words in a question that show that it is for this desk, one per line.",
            )).render(member, mistakes))
            (save_button(member))
        }
    };
    page(member, title, main)
}

fn hours(member: &Member, typed: &Typed, mistakes: &Mistakes) -> Markup {
    let label = |key| Labels.label(key, member.language);
    let hours = &typed.hours;
    html! {
        fieldset.group {
            legend { (member.say("電話の受付時間", "Hours of the telephone")) }
            label.check {
                input type="checkbox" name="has_hours" value="1" checked[typed.has_hours];
                (member.say("受付時間がある", "It has hours"))
            }
            @if typed.loses_days() {
                label.check {
                    input id=(WITHOUT_DAYS) type="checkbox" name=(WITHOUT_DAYS) value="1" checked[typed.is_without_days];
                    (without_days(member))
                }
            }
            (both_fields(member, mistakes, "hours", label("text"), &hours.text, |field| field.note(member.say(
                "会員にはこの文をそのまま見せます。下の曜日を変えたら、ここも直してください。",
                "Members read this text as it is. Change it together with the days below.",
            ))))
            @for (day, text) in WEEKDAYS.into_iter().zip(&typed.week) {
                (Field::line(day, label(day), text).render(member, mistakes))
            }
            p.note { (member.say(
                "「09:00-12:00, 13:00-17:00」のように書きます。休みの曜日は空にします。",
                "Written as 09:00-12:00, 13:00-17:00. Leave closed days empty.",
            )) }
            label.check {
                input type="checkbox" name="closed_on_holidays" value="1" checked[hours.closed_on_holidays];
                (member.say("日本の祝日は休み", "Closed on the holidays of Japan"))
            }
            (Field::line("time_zone", label("time_zone"), &hours.time_zone).english().render(member, mistakes))
            p { a href=(member.path("/staff/closed")) { (member.say("年末年始などの休みの日は、「休みの日」で入れます", "Closed days such as the new year are entered under “Closed days”")) } }
        }
    }
}

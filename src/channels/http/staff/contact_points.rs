//! The contact points in the form of a desk: changed, added, removed, and put into another order.

use maud::{Markup, html};

use super::form::{Field, Mistakes, Reader, both_fields};
use super::labels::Form::Desk as Labels;
use super::member::{Fields, Member};
use crate::knowledge::{ContactKind, Localized};
use crate::staff::WrittenPoint;

/// What a link may begin with.
const SCHEMES: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];

/// A contact point as it was typed.
pub(super) struct TypedPoint {
    point: WrittenPoint,
    /// Its place, from 1, as a text.
    place: String,
    is_removed: bool,
}

impl TypedPoint {
    pub(super) fn of(index: usize, point: &WrittenPoint) -> Self {
        Self {
            point: point.clone(),
            place: (index + 1).to_string(),
            is_removed: false,
        }
    }

    /// Returns the fields for a new contact point.
    pub(super) fn empty() -> Self {
        let nothing = || Localized {
            ja: String::new(),
            en: String::new(),
        };
        Self {
            point: WrittenPoint {
                id: String::new(),
                kind: ContactKind::Telephone,
                label: nothing(),
                value: nothing(),
                url: String::new(),
            },
            place: String::new(),
            is_removed: false,
        }
    }

    fn is_empty(&self) -> bool {
        let WrittenPoint {
            id,
            label,
            value,
            url,
            ..
        } = &self.point;
        let texts = [id, &label.ja, &label.en, &value.ja, &value.en, url];
        texts.iter().all(|text| text.is_empty())
    }
}

/// Returns the contact points in their order, without those that are removed or empty.
pub(super) fn written(points: &[TypedPoint]) -> Vec<WrittenPoint> {
    let numbered = (1..).zip(points);
    let kept = numbered.filter(|(_, it)| !it.is_removed && !it.is_empty());
    let mut kept: Vec<(usize, &TypedPoint)> = kept.collect();
    // New ones without a place come last. Of equal places, the one that was moved to it has it: one that was
    // moved up goes before the one at that place, one that was moved down after it.
    kept.sort_by_key(|(before, it)| {
        let place = it.place.parse().unwrap_or(usize::MAX);
        (place, place.cmp(before))
    });
    kept.into_iter().map(|(_, it)| it.point.clone()).collect()
}

/// Reads the contact points of a form.
pub(super) fn read(member: &Member, fields: &Fields, mistakes: &mut Mistakes) -> Vec<TypedPoint> {
    let ids = fields.all("point").enumerate();
    let points = ids.map(|(index, id)| {
        let mut reader = Reader::new(member, fields);
        let typed = read_point(member, fields, &mut reader, index, id);
        if !typed.is_removed && !typed.is_empty() {
            mistakes.extend(reader.mistakes);
        }
        typed
    });
    points.collect()
}

fn read_point(
    member: &Member,
    fields: &Fields,
    reader: &mut Reader<'_>,
    index: usize,
    id: &str,
) -> TypedPoint {
    let name = |part: &str| format!("p{index}-{part}");
    let label = |key| {
        format!(
            "{} {}",
            heading(member, index),
            Labels.label(key, member.language)
        )
    };
    let kinds = ContactKind::ALL.iter();
    let kind = fields.text(&name("kind"));
    let kind = kinds.clone().find(|(_, known)| *known == kind);
    let kind = kind.map_or(ContactKind::Telephone, |(kind, _)| *kind);
    let heading = reader.both(&name("label"), &label("label"), true);
    let (value_name, value_label) = (name("value"), label("value"));
    let ja = reader.required(&value_name, &value_label);
    let en_name = name("value-en");
    let en_label = format!("{value_label}{}", member.say("（英語）", " (English)"));
    let en = reader.line(&en_name, &en_label);
    if kind == ContactKind::Form {
        reader.require(&en_name, &en_label, &en);
    }
    let expected = match kind {
        ContactKind::Email if !ja.contains('@') || ja.contains(' ') => Some(member.say(
            "info@example.jp のように書いてください。",
            "Expected an address such as info@example.jp.",
        )),
        ContactKind::Telephone if !ja.contains(|c: char| c.is_ascii_digit()) => Some(member.say(
            "03-0000-0000 のように、半角の数字で書いてください。",
            "Expected a number such as 03-0000-0000, in half-width digits.",
        )),
        _ => None,
    };
    if let Some(expected) = expected.filter(|_| !ja.is_empty()) {
        reader.mistakes.add(&value_name, &value_label, expected);
    }
    let url = reader.line(&name("url"), &label("url"));
    let is_link = SCHEMES.iter().any(|scheme| url.starts_with(scheme));
    if !url.is_empty() && !is_link {
        let expected = member.say(
            "https:// から書いてください。わからなければ空にします。",
            "Enter the full address, starting with https://, or leave it empty.",
        );
        reader.mistakes.add(&name("url"), &label("url"), expected);
    }
    let value = match kind {
        ContactKind::Form => Localized { ja, en },
        ContactKind::Address if !en.is_empty() => Localized { ja, en },
        // A number or an e-mail address is the same in all languages.
        _ => Localized { en: ja.clone(), ja },
    };
    TypedPoint {
        point: WrittenPoint {
            id: id.to_owned(),
            kind,
            label: heading,
            value,
            url,
        },
        place: fields.text(&name("place")).trim().to_owned(),
        is_removed: !fields.text(&name("remove")).is_empty(),
    }
}

fn heading(member: &Member, index: usize) -> String {
    format!("{} {}", member.say("連絡先", "Contact point"), index + 1)
}

/// Renders the contact points, and the button for one more.
pub(super) fn fields(member: &Member, points: &[TypedPoint], mistakes: &Mistakes) -> Markup {
    html! {
        @for (index, typed) in points.iter().enumerate() {
            (point_fields(member, index, typed, mistakes))
        }
        button.second type="submit" name="then" value="point" formnovalidate {
            (member.say("連絡先の欄をもう一つ出す", "Show fields for one more contact point"))
        }
    }
}

fn point_fields(member: &Member, index: usize, typed: &TypedPoint, mistakes: &Mistakes) -> Markup {
    let TypedPoint {
        point,
        place,
        is_removed,
    } = typed;
    let is_new = point.id.is_empty();
    let name = |part: &str| format!("p{index}-{part}");
    let label = |key| Labels.label(key, member.language);
    let (kind_id, value_en) = (name("kind"), name("value-en"));
    let en_label = format!("{}{}", label("value"), member.say("（英語）", " (English)"));
    let is_translated = point.kind == ContactKind::Form || point.value.ja != point.value.en;
    let english = if is_translated {
        point.value.en.as_str()
    } else {
        ""
    };
    html! {
        fieldset.group {
            legend {
                (heading(member, index))
                @if is_new { (member.say("（新しく加える）", " (new)")) }
            }
            input type="hidden" name="point" value=(point.id);
            div.label { label for=(kind_id) { (label("kind")) } }
            select id=(kind_id) name=(kind_id) {
                @for (kind, key) in ContactKind::ALL {
                    option value=(key) selected[kind == point.kind] { (kind_name(member, kind)) }
                }
            }
            (both_fields(member, mistakes, &name("label"), label("label"), &point.label, |field| {
                if is_new { field } else { field.required() }
            }))
            (required_unless(is_new, Field::line(&name("value"), label("value"), &point.value.ja).note(member.say(
                "電話番号、メールアドレス、住所。フォームなら、どこにあるかを書きます。",
                "The telephone number, e-mail or postal address; for a form, where it is.",
            ))).render(member, mistakes))
            (Field::line(&value_en, &en_label, english).english().note(member.say(
                "フォームのときは必ず書きます。住所は、英語の表記があれば書きます。",
                "Required for a form; for a postal address, if there is one in English.",
            )).render(member, mistakes))
            (Field::line(&name("url"), label("url"), &point.url).english().note(member.say(
                "フォームなどのアドレス。電話とメールのリンクは自動で作られます。",
                "The address of a form. Links for telephone and e-mail are made automatically.",
            )).render(member, mistakes))
            (Field::line(&name("place"), member.say("順番", "Place"), place).kind("number").render(member, mistakes))
            @if !is_new {
                label.check {
                    input type="checkbox" name=(name("remove")) value="1" checked[*is_removed];
                    (member.say("この連絡先を消す", "Remove this contact point"))
                }
            }
        }
    }
}

fn required_unless(is_new: bool, field: Field) -> Field {
    if is_new { field } else { field.required() }
}

fn kind_name(member: &Member, kind: ContactKind) -> &'static str {
    match kind {
        ContactKind::Form => member.say("問い合わせフォーム", "Form"),
        ContactKind::Email => member.say("メール", "E-mail"),
        ContactKind::Telephone => member.say("電話", "Telephone"),
        ContactKind::Address => member.say("住所", "Postal address"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_contact_point_has_the_place_that_it_was_given() {
        let order = |places: [&str; 3]| {
            let points = ["a", "b", "c"].iter().zip(places).map(|(id, place)| {
                let mut typed = TypedPoint::empty();
                (*id).clone_into(&mut typed.point.id);
                place.clone_into(&mut typed.place);
                typed
            });
            let points: Vec<TypedPoint> = points.collect();
            let ids = written(&points).into_iter().map(|point| point.id);
            ids.collect::<Vec<_>>().concat()
        };
        assert_eq!(order(["1", "2", "3"]), "abc");
        assert_eq!(order(["2", "2", "3"]), "bac");
        assert_eq!(order(["1", "2", "1"]), "cab");
        assert_eq!(order(["3", "2", "3"]), "bca");
        assert_eq!(order(["", "2", "3"]), "bca");
    }
}

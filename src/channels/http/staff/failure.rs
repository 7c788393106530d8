//! Why a request of the staff desk is refused, as a page that says what to do.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;

use super::layout::{csrf_field, page};
use super::visitor::Visitor;
use crate::records::Error;

/// The reason why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// No session, or one that has ended.
    SignedOut,
    /// The form was sent by a page of another host.
    OtherOrigin,
    /// The form has no CSRF token, or that of another session.
    Csrf,
    /// The form is longer than accepted.
    TooLarge,
    /// A file is longer than accepted.
    LargeFile,
    /// The body is no form.
    NoForm,
    /// There is no such page.
    NotFound,
    /// Too many attempts to sign in.
    TooManyAttempts,
    /// A file cannot be edited in place.
    FileForm,
    /// Something cannot be removed: these mistakes are or would be in its file; without any, its file cannot
    /// be edited in place.
    NotRemoved(Vec<String>),
    /// What a page shows has changed since it was opened.
    Outdated,
    /// The folder has no out-of-scope subjects of its own.
    NoOwnSubjects,
    /// The files of the folder cannot be read or written.
    Files,
    /// Anything else that only a fault of the service causes; the log names it.
    Fault,
    /// The database cannot be used.
    Database,
    /// A stored draft or change cannot be read.
    Damaged,
    /// A change of the history, or the draft of someone else, whose stored content cannot be read.
    DamagedChange,
}

impl Kind {
    /// Logs a failure of the database.
    pub(super) fn database(error: &Error) -> Self {
        tracing::error!(%error, "staff: the database of the records cannot be used");
        match error {
            Error::Damaged(_) => Self::Damaged,
            _ => Self::Database,
        }
    }
}

/// A request that is refused.
pub(super) struct Failure(Box<Response>);

impl Failure {
    /// Makes the response: a page, or the way to sign in.
    pub(super) fn new(visitor: &Visitor, kind: Kind) -> Self {
        if kind == Kind::SignedOut {
            let location = [(header::LOCATION, visitor.path("/staff/sign-in"))];
            let response = (StatusCode::SEE_OTHER, location).into_response();
            return Self(Box::new(response));
        }
        let (status, title, advice) = texts(visitor, &kind);
        let main = html! {
            h1 { (title) }
            p { (advice) }
            @if let Kind::NotRemoved(mistakes) = &kind {
                ul { @for mistake in mistakes { li { (mistake) } } }
            }
            @if kind == Kind::Damaged {
                details {
                    summary { (visitor.say("下書きを捨てる", "Discard the draft")) }
                    form method="post" action=(visitor.path("/staff/discard")) {
                        (csrf_field(visitor))
                        p { (visitor.say("元に戻せません。", "This cannot be undone.")) }
                        button.second type="submit" { (visitor.say("捨てる", "Discard")) }
                    }
                }
            }
            p { a href=(visitor.path("/staff")) { (visitor.say("はじめのページへ", "Go to the first page")) } }
        };
        let mut response = page(visitor, title, main);
        *response.status_mut() = status;
        Self(Box::new(response))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// What a page of a failure says: the title and the advice, each in Japanese and English.
type Texts = (StatusCode, [&'static str; 2], [&'static str; 2]);

fn texts(visitor: &Visitor, kind: &Kind) -> (StatusCode, &'static str, &'static str) {
    let (status, title, advice): Texts = match kind {
        Kind::SignedOut => (
            StatusCode::UNAUTHORIZED,
            ["ログインしてください", "Sign in first"],
            [
                "時間がたつと、自動でログアウトします。",
                "A session ends automatically after a few hours.",
            ],
        ),
        Kind::OtherOrigin => (
            StatusCode::FORBIDDEN,
            [
                "ほかのサイトから送られたため、受け付けませんでした",
                "Refused: the form came from another site",
            ],
            [
                "このサイトのページを開き、もう一度操作してください。",
                "Open the page on this site and try again.",
            ],
        ),
        Kind::Csrf => (
            StatusCode::FORBIDDEN,
            [
                "このページは古くなっていたため、受け付けませんでした",
                "Refused: the page was outdated",
            ],
            [
                "前のページを開き直し、もう一度操作してください。ログインし直したあとに、前から開いていたページで操作すると起こります。",
                "Open the page again and repeat the action. This happens with a page from before the last sign-in.",
            ],
        ),
        Kind::TooLarge => (
            StatusCode::PAYLOAD_TOO_LARGE,
            [
                "文が長すぎるため、受け付けませんでした",
                "Refused: the text is too long",
            ],
            [
                "一度に送れるのは、日本語でおよそ十万字までです。ブラウザーの「戻る」で書いた内容に戻り、二つに分けてください。",
                "A form may have 1 MB, some 100,000 characters of Japanese. Go back in the browser to what you wrote, and split it.",
            ],
        ),
        Kind::LargeFile => (
            StatusCode::PAYLOAD_TOO_LARGE,
            [
                "ファイルが大きすぎるため、受け付けませんでした",
                "Refused: the file is too large",
            ],
            [
                "5 MB までのファイルに分けてください。",
                "Split it into files of 5 MB at most.",
            ],
        ),
        Kind::Fault => (
            StatusCode::INTERNAL_SERVER_ERROR,
            ["うまくいきませんでした", "Something went wrong"],
            [
                "何も変わっていません。くりかえすときは、担当の技術者に知らせてください。",
                "Nothing was changed. If it happens again, tell the operator.",
            ],
        ),
        Kind::NoForm => (
            StatusCode::BAD_REQUEST,
            ["読み取れない内容でした", "The form cannot be read"],
            ["ページを開き直してください。", "Open the page again."],
        ),
        Kind::NotFound => (
            StatusCode::NOT_FOUND,
            ["ページが見つかりません", "Page not found"],
            [
                "項目や下書きは、ほかの人が変えたのかもしれません。",
                "Someone else may have changed the entry or the draft.",
            ],
        ),
        Kind::TooManyAttempts => (
            StatusCode::TOO_MANY_REQUESTS,
            ["しばらくお待ちください", "Please wait"],
            [
                "短い間に何度もログインしようとしました。一分ほどたってから、もう一度お試しください。",
                "Too many attempts to sign in. Try again in about a minute.",
            ],
        ),
        Kind::FileForm => (
            StatusCode::CONFLICT,
            [
                "この項目は、ここでは直せません",
                "This entry cannot be edited here",
            ],
            [
                "ファイルに特別な書き方がされています。担当の技術者に、ファイルを直接編集してもらってください。何も変わっていません。",
                "Its file is written in an unusual form. Ask the operator to edit the file. Nothing was changed.",
            ],
        ),
        Kind::NotRemoved(mistakes) => (
            StatusCode::CONFLICT,
            ["消していません", "Not removed"],
            match mistakes.is_empty() {
                true => [
                    "ファイルに特別な書き方がされていて、ここからは消せません。担当の技術者に、ファイルから直接消してもらってください。何も変わっていません。",
                    "Its file is written in an unusual form, so it cannot be removed here. Ask the operator to remove it from the file. Nothing was changed.",
                ],
                false => [
                    "ファイルに次のまちがいがあるか、消すと、次のまちがいが生じます。先に直してから、もう一度消してください。何も変わっていません。",
                    "The file has these mistakes, or would have them after the removal. Correct them first, then remove it again. Nothing was changed.",
                ],
            },
        ),
        Kind::Outdated => (
            StatusCode::CONFLICT,
            [
                "開いたあとに、この内容がほかで変わりました",
                "This content has changed since you opened the page",
            ],
            [
                "前のページを開き直し、もう一度操作してください。何も変わっていません。",
                "Open the page again and repeat the action. Nothing was changed.",
            ],
        ),
        Kind::NoOwnSubjects => (
            StatusCode::CONFLICT,
            [
                "扱わない話題のファイルがありません",
                "There is no file of out-of-scope subjects",
            ],
            [
                "担当の技術者に out_of_scope.toml を作ってもらってください。何も変わっていません。",
                "Ask the operator for an out_of_scope.toml. Nothing was changed.",
            ],
        ),
        Kind::Files => (
            StatusCode::INTERNAL_SERVER_ERROR,
            [
                "フォルダーのファイルを読み書きできません",
                "The files of the folder cannot be used",
            ],
            [
                "何も変わっていません。担当の技術者に、フォルダーの権限と空きを確かめてもらってください。",
                "Nothing was changed. Ask the operator to check the permissions and the space of the folder.",
            ],
        ),
        Kind::Database => (
            StatusCode::SERVICE_UNAVAILABLE,
            [
                "記録のデータベースを使えません",
                "The database of the records cannot be used",
            ],
            [
                "何も変わっていません。しばらくしても直らなければ、担当の技術者に知らせてください。",
                "Nothing was changed. If this lasts, tell the operator.",
            ],
        ),
        Kind::Damaged => (
            StatusCode::INTERNAL_SERVER_ERROR,
            [
                "下書きが壊れていて、読み取れません",
                "The draft is damaged and cannot be read",
            ],
            [
                "何も変えずに残してあります。担当の技術者に知らせてください。捨てると、新しく始められます。",
                "It is kept as it is. Tell the operator. You can discard it and begin anew.",
            ],
        ),
        Kind::DamagedChange => (
            StatusCode::INTERNAL_SERVER_ERROR,
            [
                "保存されている内容が壊れていて、読み取れません",
                "The stored content is damaged and cannot be read",
            ],
            [
                "何も変えずに残してあります。担当の技術者に知らせてください。",
                "It is kept as it is. Tell the operator.",
            ],
        ),
    };
    (
        status,
        visitor.say(title[0], title[1]),
        visitor.say(advice[0], advice[1]),
    )
}

/// Responds to paths without a page, with or without a session.
pub(super) async fn unknown_page(visitor: Visitor) -> Failure {
    Failure::new(&visitor, Kind::NotFound)
}

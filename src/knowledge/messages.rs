//! The sentences of `messages.toml`: all texts for members except answers, in both languages.
//!
//! `messages.toml` holds the texts; this file lists the sentences and the placeholders of each.
//! A sentence that is missing in the `messages.toml` of a knowledge folder has the shipped text.
//! Invariant: every sentence exists in both languages and uses only its own placeholders, so
//! rendering cannot fail.

use std::collections::BTreeMap;

use super::language::{Language, Localized};

macro_rules! sentences {
    ($($(#[$doc:meta])* $variant:ident = $key:literal ($($placeholder:literal),*);)*) => {
        /// Names a sentence of `messages.toml`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Sentence { $($(#[$doc])* $variant),* }

        impl Sentence {
            /// Every sentence.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the key in `messages.toml`.
            #[must_use]
            pub fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),* }
            }

            /// Returns the placeholders that the sentence may use.
            #[must_use]
            pub fn placeholders(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($placeholder),*]),* }
            }
        }
    };
}

sentences! {
    /// Heading of the answer to one of several requests, in the member's words.
    Asked = "asked" ("asked");
    /// Says that only the first of the requests of a message are answered.
    MoreRequests = "more_requests" ("count");
    /// Introduces an answer.
    Answered = "answered" ("question");
    /// Asks which of a few entries is meant.
    Suggested = "suggested" ();
    /// Asks which of two programmes is meant.
    WhichDesk = "which_desk" ("desks");
    /// Offers entries of a desk that was not chosen.
    OtherDesk = "other_desk" ("desks");
    /// The button that declines all entries that were offered.
    NoneOfThese = "none_of_these" ();
    /// No answer, and the desk is known.
    NotFound = "not_found" ("desk");
    /// No answer, and any desk may be right.
    NotFoundAnyDesk = "not_found_any_desk" ("desks");
    /// The documents do not answer this subject, and a desk does.
    Referred = "referred" ("topic", "desk");
    /// The member asks for a person.
    PersonRequested = "person_requested" ("desks");
    /// The member asks when or how a desk can be reached.
    ContactAsked = "contact_asked" ("desks");
    /// Replies to a message that closes the subject.
    Closing = "closing" ();
    /// A complaint.
    Complaint = "complaint" ("desks");
    /// The answer did not help, for the first time, and other entries are likely.
    NotHelpful = "not_helpful" ();
    /// The answer did not help again.
    NotHelpfulAgain = "not_helpful_again" ("desks");
    /// Out of scope for the organisation.
    OutOfScope = "out_of_scope" ("desks");
    /// The message cannot be read as a question.
    Unreadable = "unreadable" ();
    /// A desk is open.
    Open = "open" ("time");
    /// A desk is closed and opens again.
    Closed = "closed" ("date", "time");
    /// A desk is closed and no opening is known.
    ClosedIndefinitely = "closed_indefinitely" ();
    /// A day with its weekday.
    Date = "date" ("month", "month_name", "day", "weekday");
    /// A time of day.
    Time = "time" ("hour", "minute");
    /// The weekdays from Monday, separated by spaces.
    Weekdays = "weekdays" ();
    /// The names of the months from January, separated by spaces.
    Months = "months" ();
    /// Separates names in a list.
    ListSeparator = "list_separator" ();
    /// Subject of the draft message.
    DraftSubject = "draft_subject" ("question");
    /// Body of the draft message.
    DraftBody = "draft_body" ("desk", "question", "shown");
    /// The line of the draft's body that names the entry shown before.
    DraftShown = "draft_shown" ("entry");
    /// Placeholder in a draft for the question that the member writes.
    DraftBlank = "draft_blank" ();
    /// Introduces the source of an answer.
    Source = "source" ("document", "section");
    /// Heading of related entries.
    Related = "related" ();
    /// Heading of contact points.
    Contact = "contact" ("desk");
    /// Heading of the draft message.
    Draft = "draft" ();
    /// Opens the prompt on the command line.
    PromptWelcome = "prompt_welcome" ();
    /// Greets in the widget.
    Greeting = "greeting" ();
    /// Label of the field for a question.
    AskLabel = "ask_label" ();
    /// Placeholder of the empty field for a question.
    AskPlaceholder = "ask_placeholder" ();
    /// The button that opens the widget.
    AskButton = "ask_button" ();
    /// The button that sends a question.
    Send = "send" ();
    /// The button that closes.
    Close = "close" ();
    /// The button that starts a new conversation.
    StartOver = "start_over" ();
    /// Heading of the entries that are shown before the first question.
    Featured = "featured" ();
    /// Label of the hits under the field.
    HitsLabel = "hits_label" ();
    /// The number of hits.
    HitsCount = "hits_count" ("count");
    /// Suggests a desk for the text typed so far.
    SuggestedDesk = "suggested_desk" ("topic", "desk");
    /// No hit for the text typed so far.
    HitsNone = "hits_none" ();
    /// Label of the conversation.
    ConversationLabel = "conversation_label" ();
    /// Names the member.
    You = "you" ();
    /// Names the service.
    Assistant = "assistant" ();
    /// The answer is being searched for.
    Searching = "searching" ();
    /// Asks whether an answer helped.
    HelpfulQuestion = "helpful_question" ();
    /// The button for "yes".
    HelpfulYes = "helpful_yes" ();
    /// The button for "no".
    HelpfulNo = "helpful_no" ();
    /// Thanks for the feedback that it helped.
    HelpfulThanks = "helpful_thanks" ();
    /// The button that shows the desks.
    ShowContact = "show_contact" ();
    /// The telephone is answered now.
    OpenNow = "open_now" ();
    /// The telephone is not answered now.
    ClosedNow = "closed_now" ();
    /// The button that copies the draft.
    DraftCopy = "draft_copy" ();
    /// A link opens another tab.
    NewTab = "new_tab" ();
    /// The draft was copied.
    DraftCopied = "draft_copied" ();
    /// Links to the privacy policy.
    Privacy = "privacy" ();
    /// The button that opens the draft in a mail program.
    DraftMail = "draft_mail" ();
    /// Links to an entry's page.
    EntryPage = "entry_page" ();
    /// Names the help centre.
    HelpCentre = "help_centre" ();
    /// Names the help centre of an organisation, in the titles of pages.
    SiteName = "site_name" ("organisation", "help_centre");
    /// The service cannot be reached.
    FailedUnreachable = "failed_unreachable" ();
    /// The answer takes long.
    FailedSlow = "failed_slow" ();
    /// No answer came in time.
    FailedTimeout = "failed_timeout" ();
    /// Too many questions at once.
    FailedBusy = "failed_busy" ("seconds");
    /// The service failed.
    FailedServer = "failed_server" ();
    /// The button that sends the question again.
    Retry = "retry" ();
    /// The question is too long.
    TooLong = "too_long" ("longest");
    /// Describes the help centre to search engines.
    HelpCentreDescription = "help_centre_description" ("programmes");
    /// The link that skips the navigation.
    SkipToContent = "skip_to_content" ();
    /// The button that searches.
    Search = "search" ();
    /// Heading of a page of hits.
    SearchTitle = "search_title" ("query");
    /// Heading of the search page before the first search.
    SearchEmpty = "search_empty" ();
    /// Heading of the links to the pages of desks, where a search has no result.
    BrowseDesks = "browse_desks" ();
    /// Links from the search of one desk to that of all.
    SearchAllDesks = "search_all_desks" ();
    /// Links to the previous page of hits.
    PreviousPage = "previous_page" ();
    /// Links to the next page of hits.
    NextPage = "next_page" ();
    /// Heading of the most similar entries, with their number.
    NearEntries = "near_entries" ("count");
    /// Heading of the page of desks.
    ContactTitle = "contact_title" ();
    /// Introduces the page of desks.
    ContactIntroduction = "contact_introduction" ();
    /// Label before the hours, with its separator.
    HoursLabel = "hours_label" ();
    /// Switches the language; it is written in the language that it switches to.
    OtherLanguage = "other_language" ();
    /// Notes that answers are in Japanese.
    AnswerLanguage = "answer_language" ();
    /// There is no such page.
    PageNotFound = "page_not_found" ();
    /// Advice on a missing page.
    PageNotFoundAdvice = "page_not_found_advice" ();
    /// Describes the page of a category to readers and search engines.
    CategoryDescription = "category_description" ("category", "programme", "count");
    /// Heading of the other categories of a desk.
    OtherCategories = "other_categories" ();
    /// A day with its year; `date` is the day as 2027-03-31.
    FullDate = "full_date" ("year", "month", "month_name", "day", "date");
    /// The day by which staff confirm an answer again.
    ReviewBy = "review_by" ("date");
    /// The day by which staff should have confirmed an answer is past.
    ReviewOverdue = "review_overdue" ("date");
    /// The day on which the file of an answer was saved.
    FileSaved = "file_saved" ("date");
    /// The button that copies the address of a page.
    CopyLink = "copy_link" ();
    /// Links to all entries of a category.
    AllInCategory = "all_in_category" ("category", "count");
    /// Label of the way from the start page to a page.
    Breadcrumbs = "breadcrumbs" ();
    /// Label of links between pages.
    Navigation = "navigation" ();
    /// Heading of the page that shows how to embed the widget.
    DemoTitle = "demo_title" ();
    /// Introduces the page that shows how to embed the widget.
    DemoIntroduction = "demo_introduction" ();
    /// Heading of the attributes to try.
    DemoAttributes = "demo_attributes" ();
    /// Value of an attribute that is left out, on the page that shows how to embed the widget.
    DemoDefault = "demo_default" ();
    /// Heading of the lines to copy.
    DemoSnippet = "demo_snippet" ();
    /// The button that copies the lines.
    DemoCopy = "demo_copy" ();
    /// Refers to the setting for the origins that may call the API.
    DemoOrigins = "demo_origins" ("setting");
    /// How to use the bot of a messenger.
    BotHelp = "bot_help" ("bot");
    /// Describes the command that asks.
    CommandAsk = "command_ask" ();
    /// Describes the command for help.
    CommandHelp = "command_help" ();
    /// Describes the command for the desks.
    CommandContact = "command_contact" ();
    /// Describes the command that lists the categories.
    CommandTopics = "command_topics" ();
    /// Describes the command that starts over.
    CommandStart = "command_start" ();
    /// Asks for a category.
    ChooseCategory = "choose_category" ();
    /// Only text can be read.
    TextOnly = "text_only" ();
    /// The target of a button no longer exists.
    ButtonGone = "button_gone" ();
    /// Links to the full text of a truncated answer.
    ReadOn = "read_on" ();
    /// How to use the bot on Discord.
    DiscordHelp = "discord_help" ();
    /// The command that looks for an answer to a message.
    FindAnswer = "find_answer" ();
    /// Describes the option that shares an answer publicly.
    SharePublicly = "share_publicly" ();
    /// The button that shares an answer publicly.
    Share = "share" ();
    /// Names the member who shared an answer publicly.
    SharedBy = "shared_by" ("member");
    /// The button that opens the draft to edit it.
    DraftEdit = "draft_edit" ();
    /// Label of the subject of the draft.
    DraftSubjectLabel = "draft_subject_label" ();
    /// Label of the text of the draft.
    DraftBodyLabel = "draft_body_label" ();
    /// Introduces the edited draft.
    DraftReady = "draft_ready" ();
    /// How to use the bot on LINE.
    LineHelp = "line_help" ();
    /// The link that sends an entry to another member on LINE.
    ShareOnLine = "share_on_line" ();
}

impl Sentence {
    /// Returns the number of names in a sentence that is a list of names, separated by single spaces.
    #[must_use]
    pub fn names(self) -> Option<usize> {
        match self {
            Self::Weekdays => Some(7),
            Self::Months => Some(12),
            _ => None,
        }
    }

    /// Returns the first placeholder of a text that the sentence does not have.
    #[must_use]
    pub fn unknown_placeholder(self, text: &str) -> Option<&str> {
        let mut used = placeholders(text).into_iter();
        used.find(|used| !self.placeholders().contains(used))
    }
}

/// The sentences of `messages.toml`.
#[derive(Debug, Clone, Default)]
pub struct Messages {
    sentences: BTreeMap<Sentence, Localized>,
}

impl Messages {
    /// Sets a sentence; the loader has checked its placeholders.
    pub fn set(&mut self, sentence: Sentence, text: Localized) {
        self.sentences.insert(sentence, text);
    }

    /// Returns a sentence with its placeholders as written.
    #[must_use]
    pub fn template(&self, sentence: Sentence, language: Language) -> &str {
        let text = self.sentences.get(&sentence);
        text.map_or("", |text| text.get(language))
    }

    /// Returns the name of a month, 1 to 12, as dates have it.
    #[must_use]
    pub fn month_name(&self, month: i8, language: Language) -> &str {
        let index = usize::from(month.unsigned_abs()).checked_sub(1);
        let mut names = self.template(Sentence::Months, language).split(' ');
        index.and_then(|index| names.nth(index)).unwrap_or_default()
    }

    /// Renders a sentence; placeholders without a value stay as written.
    #[must_use]
    pub fn render(
        &self,
        sentence: Sentence,
        language: Language,
        values: &[(&str, &str)],
    ) -> String {
        let mut rendered = String::new();
        let mut rest = self.template(sentence, language);
        // One pass, so that a value with braces in it is never taken for a placeholder.
        while let Some(start) = rest.find('{') {
            let Some(length) = rest[start..].find('}') else {
                break;
            };
            let name = &rest[start + 1..start + length];
            rendered.push_str(&rest[..start]);
            match values.iter().find(|(key, _)| *key == name) {
                Some((_, value)) => rendered.push_str(value),
                None => rendered.push_str(&rest[start..=start + length]),
            }
            rest = &rest[start + length + 1..];
        }
        rendered.push_str(rest);
        rendered
    }
}

/// Lists the placeholders of a text, in order.
#[must_use]
pub(super) fn placeholders(text: &str) -> Vec<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_braces_is_not_taken_for_a_placeholder() {
        let text = Localized {
            ja: "「{question}」と{missing}".to_owned(),
            en: String::new(),
        };
        let mut messages = Messages::default();
        messages.set(Sentence::Answered, text);
        let rendered = messages.render(
            Sentence::Answered,
            Language::Japanese,
            &[("question", "{question}{")],
        );
        assert_eq!(rendered, "「{question}{」と{missing}");
    }
}

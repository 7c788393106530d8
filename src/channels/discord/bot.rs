//! The bot behind gateway and endpoint: interaction or message -> response, computed and sent.
//!
//! Invariants: at most [`MAX_PENDING`] interactions and messages are processed at once; a panic
//! while a response is computed becomes an apology.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use serenity::builder::CreateInteractionResponse;
use serenity::model::application::Interaction;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use super::asked::Asked;
use super::embed::Page;
use super::rest::Rest;
use super::shared::{Response, Shared};
use crate::channels::bot::{Key, SHUTDOWN_GRACE};

/// Upper bound of interactions and messages in progress.
const MAX_PENDING: u32 = 16_384;

/// Delay of a follow-up, so that the response of the endpoint reaches Discord first.
const FOLLOW_UP_DELAY: Duration = Duration::from_millis(200);

/// Computes and sends responses.
pub(super) struct Bot {
    pub(super) shared: Shared,
    pub(super) rest: Rest,
    pending: Arc<Semaphore>,
}

impl Bot {
    pub(super) fn new(shared: Shared, rest: Rest) -> Self {
        Self {
            shared,
            rest,
            pending: Arc::new(Semaphore::new(MAX_PENDING as usize)),
        }
    }

    /// Acquires a permit, for which [`Bot::finish`] waits; `None` if there are too many or the bot
    /// has stopped.
    pub(super) fn enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.pending).try_acquire_owned().ok()
    }

    /// Computes the response to an interaction.
    pub(super) async fn respond(self: &Arc<Self>, interaction: &Arc<Interaction>) -> Response {
        let (bot, asked) = (Arc::clone(self), Arc::clone(interaction));
        let response = async move { bot.shared.respond(&asked).await };
        let response = self.shared.core.pool.run(response).await;
        response.unwrap_or_else(|| {
            let apology = self.shared.apology(Some(interaction));
            Response::new(match **interaction {
                Interaction::Autocomplete(_) => {
                    CreateInteractionResponse::Autocomplete(Default::default())
                }
                _ => CreateInteractionResponse::Message(apology.response()),
            })
        })
    }

    /// Computes the answer to a message.
    pub(super) async fn answer(self: &Arc<Self>, key: Key, asked: Asked) -> Vec<Page> {
        let bot = Arc::clone(self);
        let answer = async move { bot.shared.answer(key, &asked).await };
        let pages = self.shared.core.pool.run(answer).await;
        pages.unwrap_or_else(|| vec![self.shared.apology(None)])
    }

    /// Responds to an interaction from the gateway with calls of the REST API.
    pub(super) async fn respond_by_call(self: &Arc<Self>, interaction: Interaction) {
        let interaction = Arc::new(interaction);
        let Response { first, then } = self.respond(&interaction).await;
        let (id, token) = (interaction.id().get(), interaction.token());
        match self.rest.respond(id, token, &json!(first)).await {
            Ok(()) => self.follow_up(&interaction, &then).await,
            Err(error) => tracing::warn!(%error, "Discord: response to an interaction not sent"),
        }
    }

    /// Sends the messages after a response of the endpoint; a shutdown waits for them.
    pub(super) fn follow_up_later(
        self: &Arc<Self>,
        interaction: Arc<Interaction>,
        pages: Vec<Page>,
        permit: OwnedSemaphorePermit,
    ) {
        let bot = Arc::clone(self);
        tokio::spawn(async move {
            sleep(FOLLOW_UP_DELAY).await;
            bot.follow_up(&interaction, &pages).await;
            drop(permit);
        });
    }

    async fn follow_up(&self, interaction: &Interaction, pages: &[Page]) {
        let application = interaction.application_id().get();
        for page in pages {
            let body = page.body(None);
            let sent = self.rest.follow_up(application, interaction.token(), &body);
            if let Err(error) = sent.await {
                tracing::warn!(%error, "Discord: follow-up not sent, later ones dropped");
                // Never send a page after a gap: a negation may be in the missing page.
                return;
            }
        }
    }

    /// Waits for the interactions and messages in progress, then accepts no more.
    pub(super) async fn finish(&self) {
        let all = self.pending.acquire_many(MAX_PENDING);
        if timeout(SHUTDOWN_GRACE, all).await.is_err() {
            tracing::warn!("Discord bot: some answers were not finished before the shutdown");
        }
        self.pending.close();
        tracing::info!("Discord bot stopped");
    }
}

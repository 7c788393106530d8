//! Answers the requests of the protocol.

use std::borrow::Cow;
use std::time::Duration;

use jiff::civil::Date;
use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, Implementation, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams,
    ReadResourceResponse, ServerCapabilities, ServerConfig, SubscriptionFilter, Tool,
};
use rmcp::service::{NotificationContext, RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer};

use super::{Desk, resources, tools};

/// Time between two looks at whether the entries have changed.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// What the assistant reads about this server.
const INSTRUCTIONS: &str = "\
Official answers of an organisation's FAQ desk, mostly in Japanese. Call `ask_faq` with the member's own \
words; do not translate or shorten them. Quote the answer as it is and name its source. Never complete, \
correct or combine answers, and never answer from your own knowledge: if the outcome is `suggested`, let \
the member choose; if it is `escalated`, name the contact points. Send `conversation` of the last answer \
with the next question of the same member.";

/// Answers one client, or one request.
pub struct Handler {
    desk: Desk,
    /// Whether the client stays connected, so that it hears of changes without a subscription.
    is_lasting: bool,
}

impl Handler {
    /// Creates a handler for one request.
    #[must_use]
    pub const fn new(desk: Desk) -> Self {
        Self {
            desk,
            is_lasting: false,
        }
    }

    /// Creates a handler for a client that stays connected.
    #[must_use]
    pub const fn lasting(desk: Desk) -> Self {
        Self {
            desk,
            is_lasting: true,
        }
    }
}

/// What the list of entries depends on: the knowledge and, for entries with dates, the day.
fn state_of(desk: &Desk) -> (String, Date) {
    let assistant = desk.assistant.load();
    let today = assistant.today((desk.clock)());
    (assistant.knowledge().version.clone(), today)
}

/// Waits until the entries differ from `seen`.
async fn changed(desk: &Desk, seen: &mut (String, Date)) {
    loop {
        tokio::time::sleep(WATCH_INTERVAL).await;
        let state = state_of(desk);
        if state != *seen {
            *seen = state;
            return;
        }
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .enable_resources_list_changed()
            .build();
        let name = Implementation::new("madoguchi", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(capabilities)
            .with_server_info(name)
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tools::all()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools::all().into_iter().find(|tool| tool.name == name)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        tokio::select! {
            result = tools::call(&self.desk, &request.name, arguments) => result.map(Into::into),
            () = context.ct.cancelled() => {
                Err(ErrorData::internal_error(Cow::Borrowed("cancelled"), None))
            }
        }
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let cursor = request.and_then(|request| request.cursor);
        resources::list(&self.desk, cursor.as_deref())
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let templates = vec![resources::template()];
        Ok(ListResourceTemplatesResult::with_all_items(templates))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let contents = resources::read(&self.desk, &request.uri).await;
        contents.map(Into::into)
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        let offered = SubscriptionFilter::builder().resources_list_changed();
        Some(requested.intersection(&offered.build()))
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        let mut seen = state_of(&self.desk);
        loop {
            tokio::select! {
                () = changed(&self.desk, &mut seen) => {}
                () = subscription.cancelled() => return Ok(()),
            }
            let sent = subscription.sink().notify_resource_list_changed().await;
            if sent.is_err() {
                return Ok(());
            }
        }
    }

    /// Clients of the protocol's versions before `subscriptions/listen` hear of changes without a request.
    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        if !self.is_lasting {
            return;
        }
        let desk = self.desk.clone();
        let mut seen = state_of(&desk);
        tokio::spawn(async move {
            loop {
                changed(&desk, &mut seen).await;
                let sent = context.peer.notify_resource_list_changed().await;
                if sent.is_err() {
                    return;
                }
            }
        });
    }
}

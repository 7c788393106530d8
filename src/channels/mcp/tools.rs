//! The tools: a call -> a request to the JSON API in this process -> its answer as text and as JSON.

use std::sync::Arc;

use rmcp::ErrorData;
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool, ToolAnnotations};
use serde_json::{Value, json};

use super::{Desk, markdown};
use crate::answer::MAX_QUESTION_CHARS;
use crate::channels::http::{InProcess, InProcessResponse};
use crate::knowledge::Language;

/// Describes all tools.
pub(super) fn all() -> Vec<Tool> {
    let desk = json!({ "type": "string", "description": "Id of the desk to ask, from list_desks" });
    let language = json!({
        "type": "string",
        "enum": ["ja", "en"],
        "description": "Language of everything but the answers, which are quoted; by default ja",
    });
    let text = |description: &str| {
        json!({
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_QUESTION_CHARS,
            "description": description,
        })
    };
    vec![
        tool(
            "ask_faq",
            "Ask the FAQ desk",
            "Answers a question with the official answer of the FAQ, offers entries to choose from, or \
             names the desk to contact. A message may have several questions.",
            &json!({
                "question": text("The question in the member's own words"),
                "desk": desk.clone(),
                "language": language.clone(),
                "conversation": {
                    "type": "string",
                    "description": "`conversation` of the last answer to the same member",
                },
            }),
            &["question"],
        ),
        tool(
            "search_faq",
            "Search the FAQ",
            "Lists the entries that match words, best first. To answer a question use ask_faq.",
            &json!({
                "query": text("Words to search for"),
                "desk": desk,
                "limit": { "type": "integer", "minimum": 1, "maximum": 50, "description": "By default 10" },
            }),
            &["query"],
        ),
        tool(
            "get_entry",
            "Read an entry",
            "Returns an entry of the FAQ with its official answer, its source and its links.",
            &json!({ "id": { "type": "string", "description": "Id of the entry" } }),
            &["id"],
        ),
        tool(
            "list_desks",
            "List the desks",
            "Lists the desks with their contact points, their business hours and whether they are open now.",
            &json!({ "language": language }),
            &[],
        ),
    ]
}

fn tool(
    name: &'static str,
    title: &str,
    description: &'static str,
    properties: &Value,
    required: &[&str],
) -> Tool {
    let schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    let schema = match schema {
        Value::Object(schema) => schema,
        _ => JsonObject::new(),
    };
    let annotations = ToolAnnotations::with_title(title)
        .read_only(true)
        .destructive(false)
        .idempotent(true)
        .open_world(false);
    Tool::new(name, description, Arc::new(schema))
        .with_title(title)
        .with_annotations(annotations)
}

/// Calls a tool. Arguments that the API refuses give a result that says why, for the assistant to read.
///
/// # Errors
/// A name that is no tool's.
pub(super) async fn call(
    desk: &Desk,
    name: &str,
    mut arguments: JsonObject,
) -> Result<CallToolResult, ErrorData> {
    let Some(tool) = all().into_iter().find(|tool| tool.name == name) else {
        let message = format!("there is no tool `{name}`, `tools/list` lists them");
        return Err(ErrorData::invalid_params(message, None));
    };
    if let Some(mistake) = mistake(&tool, &arguments) {
        return Ok(CallToolResult::error(vec![ContentBlock::text(mistake)]));
    }
    let language = arguments.get("language").and_then(Value::as_str);
    let language = language.and_then(Language::from_tag).unwrap_or_default();
    if takes(&tool, "language") {
        // Without it the API would take the language of a browser, and there is none.
        let given = arguments.entry("language");
        given.or_insert_with(|| json!(language.tag()));
    }
    let response = match name {
        "ask_faq" => {
            desk.api
                .post("/api/v1/ask", &Value::Object(arguments))
                .await
        }
        "search_faq" => {
            let query = arguments.remove("query");
            arguments.extend(query.map(|query| ("q".to_owned(), query)));
            get(&desk.api, "/api/v1/search", &arguments).await
        }
        "get_entry" => {
            let id = arguments.get("id").and_then(Value::as_str);
            desk.entry(id.unwrap_or_default()).await
        }
        _ => get(&desk.api, "/api/v1/desks", &arguments).await,
    };
    let response = response.map_err(|error| {
        tracing::error!(error = format!("{error:#}"), "mcp: the API did not answer");
        ErrorData::internal_error("the FAQ desk could not answer, try again", None)
    })?;
    if !response.is_success {
        let text = markdown::problem(&response.json);
        return Ok(CallToolResult::error(vec![ContentBlock::text(text)]));
    }
    let text = markdown::result(desk, name, language, &response.json);
    let mut result = CallToolResult::structured(markdown::without_copies(response.json));
    result.content = vec![ContentBlock::text(text)];
    Ok(result)
}

/// Returns which argument is missing or unknown; the API checks the values of the others.
fn mistake(tool: &Tool, arguments: &JsonObject) -> Option<String> {
    let required = tool.input_schema.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        match arguments.get(name) {
            None => return Some(format!("the argument `{name}` is missing")),
            Some(Value::String(text)) if text.trim().is_empty() => {
                return Some(format!("the argument `{name}` is empty"));
            }
            Some(_) => {}
        }
    }
    let unknown = arguments.keys().find(|name| !takes(tool, name))?;
    Some(format!(
        "there is no argument `{unknown}`, `tools/list` lists those of `{}`",
        tool.name
    ))
}

/// Returns whether a tool has an argument.
fn takes(tool: &Tool, argument: &str) -> bool {
    let properties = tool.input_schema.get("properties");
    properties.is_some_and(|properties| properties.get(argument).is_some())
}

/// Gets a path with the arguments as its query.
async fn get(
    api: &InProcess,
    path: &str,
    arguments: &JsonObject,
) -> anyhow::Result<InProcessResponse> {
    let values = arguments.iter().map(|(name, value)| {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        (name.as_str(), value)
    });
    let values: Vec<(&str, String)> = values.collect();
    let query: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    api.get(path, &query).await
}

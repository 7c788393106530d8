//! The pages of categories, and the ways to them.

use madoguchi::channels::http::{Options, Rates};
use madoguchi::knowledge::{Entry, KnowledgeBase};

use crate::support::app::{TestApp, encode, problem};

/// Starts with a public address below a path.
async fn start() -> TestApp {
    TestApp::start_with(Options {
        rates: Rates::off(),
        public_url: Some("https://www.example.jp/faq".to_owned()),
        ..Options::default()
    })
    .await
}

async fn html(app: &TestApp, path: &str) -> String {
    let response = app.get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.text().await.unwrap()
}

/// Returns the address of an entry's category below `/desks/`.
fn category_path(entry: &Entry) -> String {
    let category = entry.category.chars().map(|c| match c {
        c if c == '/' || c.is_ascii_alphanumeric() => c.to_string(),
        c => encode(&c.to_string()),
    });
    format!("/desks/{}/{}", entry.desk, category.collect::<String>())
}

fn same_category<'a>(
    knowledge: &'a KnowledgeBase,
    entry: &'a Entry,
) -> impl Iterator<Item = &'a Entry> {
    let entries = knowledge.entries.iter();
    entries.filter(|other| other.desk == entry.desk && other.category == entry.category)
}

#[tokio::test]
async fn every_category_has_a_page_with_its_entries_and_breadcrumbs() {
    let app = start().await;
    let knowledge = TestApp::knowledge();
    let home = html(&app, "/").await;
    let sitemap = html(&app, "/sitemap.xml").await;
    for entry in &knowledge.entries {
        let path = category_path(entry);
        let page = html(&app, &path).await;
        for part in [
            format!("<h1 lang=\"ja\">{}</h1>", entry.category),
            format!("<link rel=\"canonical\" href=\"https://www.example.jp/faq{path}\">"),
            format!("<a href=\"/faq/desks/{}\">", entry.desk),
            format!(
                "\"item\":\"https://www.example.jp/faq/desks/{}\"",
                entry.desk
            ),
            "\"@type\":\"BreadcrumbList\"".to_owned(),
            "<span aria-current=\"page\">".to_owned(),
            // Search and launcher stay with the desk.
            format!("name=\"desk\" value=\"{}\"", entry.desk),
            format!("<madoguchi-widget language=\"ja\" desk=\"{}\">", entry.desk),
        ] {
            assert!(page.contains(&part), "`{part}` is missing: {path}: {page}");
        }
        for other in same_category(knowledge, entry) {
            let link = format!("href=\"/faq/entries/{}\"", other.id);
            assert!(page.contains(&link), "{path}: {link}");
        }
        let link = format!("href=\"/faq{path}\"");
        let desk = html(&app, &format!("/desks/{}", entry.desk)).await;
        let own = html(&app, &format!("/entries/{}", entry.id)).await;
        for (name, page) in [("home", &home), ("desk", &desk), ("entry", &own)] {
            assert!(page.contains(&link), "{name}: {link}");
        }
        let listed = format!("<loc>https://www.example.jp/faq{path}</loc>");
        assert!(sitemap.contains(&listed), "{listed}");
    }
}

#[tokio::test]
async fn a_category_is_found_by_its_name_in_any_encoding() {
    let app = start().await;
    let knowledge = TestApp::knowledge();
    let with_slash = knowledge.entries.iter();
    let mut with_slash = with_slash.filter(|entry| entry.category.contains('/'));
    let entry = with_slash.next_back().expect("a category with a slash");
    let path = category_path(entry);
    let (desk, category) = (&entry.desk, &entry.category);
    for address in [
        format!("/desks/{desk}/{category}"),
        format!("/desks/{desk}/{}", encode(category)),
        format!("/faq{path}/?lang=en"),
    ] {
        let page = html(&app, &address).await;
        assert!(page.contains(&format!("/faq{path}")), "{address}: {page}");
    }
    let english = html(&app, &format!("{path}?lang=en")).await;
    assert!(english.contains("Other categories"), "{english}");
    for unknown in ["/desks/selas/gone", "/desks/gone/gone", "/desks/selas/%FF"] {
        problem(app.get(unknown).await, 404).await;
    }
}

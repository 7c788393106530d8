//! Format of OpenAI's `POST /v1/embeddings`: texts -> request body; response body -> vectors.
//!
//! Invariant: the returned vectors are finite, have length one and are in the order of the texts.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::fault::Unusable;

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    input: &'a [Cow<'a, str>],
    encoding_format: &'static str,
}

#[derive(Deserialize)]
struct Response {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: Option<usize>,
    embedding: Values,
}

/// An array of numbers, or base64, which some servers send regardless of the requested format.
struct Values(Vec<f32>);

/// Returns the body of a request for the embeddings of some texts.
pub(super) fn request(model: &str, texts: &[Cow<'_, str>]) -> Vec<u8> {
    let request = Request {
        model,
        input: texts,
        encoding_format: "float",
    };
    // Serializing strings cannot fail; the server would reject an empty body.
    serde_json::to_vec(&request).unwrap_or_default()
}

/// Parses the vectors of `texts` texts. Without indices, they are in the order of the texts.
pub(super) fn response(body: &[u8], texts: usize) -> Result<Vec<Vec<f32>>, Unusable> {
    let response: Response = serde_json::from_slice(body).map_err(|_| Unusable::Garbage)?;
    let mut items = response.data;
    if items.len() != texts {
        return Err(Unusable::Count {
            got: items.len(),
            expected: texts,
        });
    }
    if items.iter().any(|item| item.index.is_some()) {
        items.sort_by_key(|item| item.index);
        let mut numbered = items.iter().enumerate();
        if !numbered.all(|(index, item)| item.index == Some(index)) {
            return Err(Unusable::Index);
        }
    }
    let mut vectors = Vec::with_capacity(texts);
    for item in items {
        vectors.push(normalised(item.embedding.0)?);
    }
    let expected = vectors.first().map_or(0, Vec::len);
    same_dimensions(&vectors, expected)?;
    Ok(vectors)
}

/// Rejects vectors with other dimensions.
pub(super) fn same_dimensions(vectors: &[Vec<f32>], expected: usize) -> Result<(), Unusable> {
    let mut lengths = vectors.iter().map(Vec::len);
    match lengths.find(|got| *got != expected) {
        Some(got) => Err(Unusable::Dimensions { got, expected }),
        None => Ok(()),
    }
}

/// Scales a vector to length one; computes in `f64`, where the squares of `f32` do not overflow.
fn normalised(mut vector: Vec<f32>) -> Result<Vec<f32>, Unusable> {
    let squares: f64 = vector.iter().map(|x| f64::from(*x).powi(2)).sum();
    let length = squares.sqrt();
    if !length.is_finite() || length <= 0.0 {
        return Err(Unusable::ZeroOrNotFinite);
    }
    for x in &mut vector {
        #[expect(clippy::cast_possible_truncation, reason = "between -1 and 1")]
        let scaled = (f64::from(*x) / length) as f32;
        *x = scaled;
    }
    Ok(vector)
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Numbers).map(Self)
    }
}

/// Visits the numbers one by one: an untagged enum would buffer each as a value first.
struct Numbers;

impl<'de> Visitor<'de> for Numbers {
    type Value = Vec<f32>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of numbers, or their bytes in base64")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Self::Value, A::Error> {
        let mut vector = Vec::new();
        while let Some(number) = numbers.next_element()? {
            vector.push(number);
        }
        Ok(vector)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let bytes = STANDARD.decode(text);
        let bytes = bytes.map_err(|_| E::custom("not base64"))?;
        let (numbers, rest) = bytes.as_chunks();
        if !rest.is_empty() {
            return Err(E::custom("not a multiple of four bytes"));
        }
        Ok(numbers.iter().copied().map(f32::from_le_bytes).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, texts: usize) -> Result<Vec<Vec<f32>>, Unusable> {
        response(body.as_bytes(), texts)
    }

    #[test]
    fn the_request_has_the_form_that_openai_documents() {
        let texts = [Cow::Borrowed("query: \"返品\"\n")];
        let body = String::from_utf8(request("e5", &texts)).expect("UTF-8");
        let expected = r#"{"model":"e5","input":["query: \"返品\"\n"],"encoding_format":"float"}"#;
        assert_eq!(body, expected);
    }

    #[test]
    fn vectors_are_in_the_order_of_the_texts_with_length_one() {
        let body = r#"{"object": "list", "model": "m", "usage": {}, "data": [
            {"index": 1, "object": "embedding", "embedding": [0, -2]},
            {"index": 0, "embedding": [3.0, 4]}]}"#;
        assert_eq!(read(body, 2), Ok(vec![vec![0.6, 0.8], vec![0.0, -1.0]]));
        let without_index = r#"{"data": [{"embedding": [1]}, {"embedding": [-1]}]}"#;
        assert_eq!(read(without_index, 2), Ok(vec![vec![1.0], vec![-1.0]]));
        // 3 and 4 as little-endian floats.
        let base64 = r#"{"data": [{"index": 0, "embedding": "AABAQAAAgEA="}]}"#;
        assert_eq!(read(base64, 1), Ok(vec![vec![0.6, 0.8]]));
        let large = r#"{"data": [{"embedding": [3e38, 0, 0, 3e38]}]}"#;
        let half = 0.5_f32.sqrt();
        assert_eq!(read(large, 1), Ok(vec![vec![half, 0.0, 0.0, half]]));
    }

    #[test]
    fn an_answer_without_valid_embeddings_is_rejected() {
        let nan = STANDARD.encode(f32::NAN.to_le_bytes());
        let nan = format!(r#"{{"data": [{{"embedding": "{nan}"}}]}}"#);
        for (body, expected) in [
            ("", Unusable::Garbage),
            ("<html>", Unusable::Garbage),
            ("[]", Unusable::Garbage),
            (r#"{"error": {"message": "x"}}"#, Unusable::Garbage),
            (r#"{"data": [{"embedding": [NaN]}]}"#, Unusable::Garbage),
            (r#"{"data": [{"embedding": [1, null]}]}"#, Unusable::Garbage),
            (r#"{"data": [{"embedding": [[1]]}]}"#, Unusable::Garbage),
            (r#"{"data": [{"embedding": "AAB"}]}"#, Unusable::Garbage),
            (r#"{"data": [{"embedding": "AABA"}]}"#, Unusable::Garbage),
            (
                r#"{"data": [{"embedding": [1e39]}]}"#,
                Unusable::ZeroOrNotFinite,
            ),
            (
                r#"{"data": [{"embedding": [0, 0]}]}"#,
                Unusable::ZeroOrNotFinite,
            ),
            (
                r#"{"data": [{"embedding": []}]}"#,
                Unusable::ZeroOrNotFinite,
            ),
            (&nan, Unusable::ZeroOrNotFinite),
            (
                r#"{"data": [{"index": 1, "embedding": [1]}]}"#,
                Unusable::Index,
            ),
            (
                r#"{"data": []}"#,
                Unusable::Count {
                    got: 0,
                    expected: 1,
                },
            ),
        ] {
            assert_eq!(read(body, 1), Err(expected), "{body}");
        }
        let twice = r#"{"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}]}"#;
        assert_eq!(read(twice, 2), Err(Unusable::Index));
        let half = r#"{"data": [{"index": 0, "embedding": [1]}, {"embedding": [1]}]}"#;
        assert_eq!(read(half, 2), Err(Unusable::Index));
        let uneven = r#"{"data": [{"embedding": [1]}, {"embedding": [1, 1]}]}"#;
        let expected = Unusable::Dimensions {
            got: 2,
            expected: 1,
        };
        assert_eq!(read(uneven, 2), Err(expected));
    }
}

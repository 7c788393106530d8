//! Answer ids: `<uuid>-<turn>.<signature>`, with `:<entry>` appended if the answer is an entry.
//!
//! The entry in the id lets any replica attribute a verdict to it without shared state; the signature
//! shows that the service gave the answer, so that invented ids are not counted.

use std::fmt;

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::knowledge::EntryId;

/// Upper bound of the turn number in an id; real conversations stay far below it.
const MAX_TURNS: u32 = 100_000;

/// Length of a signature, in bytes; guessing one takes 2^63 requests on average.
const SIGNATURE_BYTES: usize = 8;

/// Identifies one answer of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AnswerId {
    /// The conversation.
    pub(super) conversation: Uuid,
    /// The number of the answer within the conversation, from 1.
    pub(super) turn: u32,
    /// The entry that was the answer, if any.
    pub(super) entry: Option<EntryId>,
}

impl AnswerId {
    /// Identifies the answer to another request of the same message.
    pub(super) fn with_entry(&self, entry: Option<&EntryId>) -> Self {
        Self {
            entry: entry.cloned(),
            ..self.clone()
        }
    }
}

impl fmt::Display for AnswerId {
    /// Writes the id without a signature.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.conversation, self.turn)?;
        match &self.entry {
            Some(entry) => write!(formatter, ":{entry}"),
            None => Ok(()),
        }
    }
}

/// Signs the ids of answers and verifies them.
#[derive(Clone)]
pub(super) struct Signer(Hmac<Sha256>);

impl Signer {
    /// Creates a signer with a secret, or with a random one.
    pub(super) fn new(secret: Option<&str>) -> Self {
        let random = [Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes);
        let random = random.concat();
        let digest = Sha256::digest(secret.map_or(&*random, str::as_bytes));
        // A key of the length of a block.
        let mut key = [0; 64];
        key[..digest.len()].copy_from_slice(&digest);
        Self(Hmac::new(&key.into()))
    }

    /// Formats an id with its signature.
    pub(super) fn sign(&self, id: &AnswerId) -> String {
        let signature = self.mac(id).finalize().into_bytes();
        let signature = hex::encode(&signature[..SIGNATURE_BYTES]);
        let place = format!("{}-{}.{signature}", id.conversation, id.turn);
        match &id.entry {
            Some(entry) => format!("{place}:{entry}"),
            None => place,
        }
    }

    /// Parses an id; also returns whether its signature is right.
    pub(super) fn parse(&self, text: &str) -> Option<(AnswerId, bool)> {
        let (place, entry) = match text.split_once(':') {
            Some((place, entry)) => (place, Some(EntryId::parse(entry).ok()?)),
            None => (text, None),
        };
        let (place, signature) = match place.split_once('.') {
            Some((place, signature)) => (place, Some(signature)),
            None => (place, None),
        };
        let (conversation, turn) = place.rsplit_once('-')?;
        let turn = turn.parse().ok();
        let id = AnswerId {
            conversation: Uuid::try_parse(conversation).ok()?,
            turn: turn.filter(|turn| (1..=MAX_TURNS).contains(turn))?,
            entry,
        };
        let Some(signature) = signature else {
            return Some((id, false));
        };
        let mut given = [0; SIGNATURE_BYTES];
        hex::decode_to_slice(signature, &mut given).ok()?;
        let is_signed = self.mac(&id).verify_truncated_left(&given).is_ok();
        Some((id, is_signed))
    }

    fn mac(&self, id: &AnswerId) -> Hmac<Sha256> {
        self.0.clone().chain_update(id.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(secret: &str) -> Signer {
        Signer::new(Some(secret))
    }

    fn id(entry: Option<&str>) -> AnswerId {
        AnswerId {
            conversation: Uuid::new_v4(),
            turn: 3,
            entry: entry.map(|entry| EntryId::parse(entry).expect("an id")),
        }
    }

    #[test]
    fn an_id_survives_formatting_and_parsing_and_garbage_is_refused() {
        let signer = signer("secret");
        for id in [id(None), id(Some("b"))] {
            assert_eq!(signer.parse(&signer.sign(&id)), Some((id, true)));
        }
        let conversation = Uuid::new_v4().to_string();
        let turns = [
            "-0", "-100001", "-x", "-1:", "-1:<b>", "-1.", "-1.00", "-1.x:b",
        ];
        let turns = turns.map(|turn| format!("{conversation}{turn}"));
        let garbage = ["", "-1", "x-1", "1"].map(str::to_owned);
        for text in turns.iter().chain(&garbage) {
            assert_eq!(signer.parse(text), None, "{text}");
        }
    }

    #[test]
    fn only_ids_that_were_given_out_are_signed() {
        let here = signer("secret");
        let given = id(Some("b"));
        let text = here.sign(&given);
        let is_signed = |signer: &Signer, text: &str| {
            let (_, is_signed) = signer.parse(text).expect("an id");
            is_signed
        };
        assert!(is_signed(&here, &text));
        // Another replica with the same secret knows it, too.
        assert!(is_signed(&signer("secret"), &text));
        assert!(!is_signed(&signer("another"), &text));
        assert!(!is_signed(&Signer::new(None), &text));
        for forged in [
            given.to_string(),
            text.replace("-3.", "-4."),
            text.replace(":b", ":c"),
            text.replace(":b", ""),
            format!("{}-3.0011223344556677:b", given.conversation),
        ] {
            assert!(!is_signed(&here, &forged), "{forged}");
        }
    }
}

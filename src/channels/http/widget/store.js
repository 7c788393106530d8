// Stores the conversation of this tab in sessionStorage, so that it survives page changes.

import { isAnswer } from './client.js';

// Half an hour.
const TRANSCRIPT_LIFETIME_MS = 1800000;
const MAX_STORED_EXCHANGES = 12;

export class Transcript {
  /** @param {string} key */
  constructor(key) {
    this.key = key;
    /** @type {Exchange[]} */
    this.exchanges = [];
    /** @type {string | null} */
    this.conversation = null;
    this.open = false;
    try {
      const stored = JSON.parse(sessionStorage.getItem(this.key) ?? 'null');
      if (!stored || Date.now() - stored.at > TRANSCRIPT_LIFETIME_MS) return;
      this.exchanges = stored.exchanges.filter((/** @type {Exchange} */ it) => !it.answer || isAnswer(it.answer));
      this.conversation = typeof stored.conversation === 'string' ? stored.conversation : null;
      this.open = stored.open === true;
    } catch {
      // Storage is unavailable or its content invalid: start a new conversation.
    }
  }

  save() {
    const exchanges = this.exchanges.slice(-MAX_STORED_EXCHANGES);
    try {
      sessionStorage.setItem(
        this.key,
        JSON.stringify({ at: Date.now(), exchanges, conversation: this.conversation, open: this.open }),
      );
    } catch {
      // Storage is full or forbidden: the conversation is kept until the page changes.
    }
  }

  clear() {
    this.exchanges = [];
    this.conversation = null;
    this.save();
  }
}

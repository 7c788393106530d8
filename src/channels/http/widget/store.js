// Keeps the conversation of this tab across page changes, as far as the browser lets it.

import { isAnswer } from './client.js';

const MINUTES_KEPT = 30;
const MESSAGES_KEPT = 20;

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
      const kept = JSON.parse(sessionStorage.getItem(this.key) ?? 'null');
      if (!kept || Date.now() - kept.at > MINUTES_KEPT * 60000) return;
      this.exchanges = kept.exchanges.filter((/** @type {Exchange} */ it) => !it.answer || isAnswer(it.answer));
      this.conversation = typeof kept.conversation === 'string' ? kept.conversation : null;
      this.open = kept.open === true;
    } catch {
      // No storage, or not ours: the conversation begins anew.
    }
  }

  save() {
    const size = (/** @type {Exchange} */ it) => (it.question ? 1 : 0) + (it.answer ? 1 : 0);
    const exchanges = [...this.exchanges];
    let messages = exchanges.reduce((sum, it) => sum + size(it), 0);
    while (messages > MESSAGES_KEPT) messages -= size(exchanges.splice(0, 1)[0]);
    try {
      sessionStorage.setItem(
        this.key,
        JSON.stringify({ at: Date.now(), exchanges, conversation: this.conversation, open: this.open }),
      );
    } catch {
      // Full or forbidden: it still works on this page.
    }
  }

  clear() {
    this.exchanges = [];
    this.conversation = null;
    this.save();
  }
}

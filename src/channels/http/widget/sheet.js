// The panel that covers a phone's screen: Back closes it, and the page behind it does not scroll.

export class Sheet {
  #isOpen = false;
  #overflow = '';

  /** @param {() => void} onBack */
  constructor(onBack) {
    this.onBack = onBack;
  }

  open() {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const { style } = document.documentElement;
    this.#overflow = style.overflow;
    style.overflow = 'hidden';
    // An entry of its own in the history, which Back removes.
    history.pushState({ ...history.state, madoguchi: true }, '');
    addEventListener('popstate', this.#back);
  }

  close() {
    if (!this.#isOpen) return;
    this.#leave();
    if (history.state?.madoguchi) history.back();
  }

  /** Unlocks the page and leaves the history as it is. */
  #leave() {
    this.#isOpen = false;
    document.documentElement.style.overflow = this.#overflow;
    removeEventListener('popstate', this.#back);
  }

  #back = () => {
    this.#leave();
    this.onBack();
  };
}

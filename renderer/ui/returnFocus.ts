/** Last focused element outside of dialogs: the target when focus is restored. */
let lastOnPage: HTMLElement | null = null;

document.addEventListener('focusin', ({ target }) => {
  if (!(target instanceof HTMLElement)) return;
  if (target.closest('[role="dialog"], [data-radix-focus-guard]')) return;
  lastOnPage = target;
});

/**
 * Handler for Radix's `onCloseAutoFocus`, which restores focus only to its own trigger elements. Does
 * nothing if another element has taken the focus in the meantime.
 */
export function returnFocus(event: Event): void {
  event.preventDefault();
  if (document.activeElement !== null && document.activeElement !== document.body) return;
  const target = lastOnPage?.isConnected ? lastOnPage : document.querySelector('main');
  target?.focus({ preventScroll: true });
}

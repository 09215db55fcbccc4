/** What had the focus last that no dialog holds: where the focus goes back to when what lies over the page closes. */
let lastOnPage: HTMLElement | null = null;

document.addEventListener('focusin', ({ target }) => {
  if (!(target instanceof HTMLElement)) return;
  if (target.closest('[role="dialog"], [data-radix-focus-guard]')) return;
  lastOnPage = target;
});

/**
 * For Radix's `onCloseAutoFocus`: it knows the element that opened a dialog only where it has drawn that itself, and
 * leaves the focus nowhere otherwise. What took the focus in the meantime keeps it.
 */
export function returnFocus(event: Event): void {
  event.preventDefault();
  if (document.activeElement !== null && document.activeElement !== document.body) return;
  const target = lastOnPage?.isConnected ? lastOnPage : document.querySelector('main');
  target?.focus({ preventScroll: true });
}

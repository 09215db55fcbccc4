/** Resolves with the port that the preload sends in answer to `ask`. */
export function receivePort(ask: () => void, isAnswer: (data: unknown) => boolean) {
  return new Promise<MessagePort>((resolve) => {
    const listen = (event: MessageEvent<unknown>) => {
      const [port] = event.ports;
      if (event.source !== window || !port || !isAnswer(event.data)) return;
      window.removeEventListener('message', listen);
      resolve(port);
    };
    window.addEventListener('message', listen);
    ask();
  });
}

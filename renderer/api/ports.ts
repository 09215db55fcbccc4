/** Resolves with the port that the preload script posts in response to `request`. */
export function receivePort(request: () => void, isResponse: (data: unknown) => boolean) {
  return new Promise<MessagePort>((resolve) => {
    const listen = (event: MessageEvent<unknown>) => {
      const [port] = event.ports;
      if (event.source !== window || !port || !isResponse(event.data)) return;
      window.removeEventListener('message', listen);
      resolve(port);
    };
    window.addEventListener('message', listen);
    request();
  });
}

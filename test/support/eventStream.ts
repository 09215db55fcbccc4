/** Parses server-sent events, as the HTML standard defines them. */

export interface StreamEvent {
  type: string;
  data: Record<string, unknown>;
}

export async function* readEvents(response: Response): AsyncGenerator<StreamEvent, void, void> {
  const decoder = new TextDecoder();
  let buffer = '';
  let type = '';
  let data: string[] = [];
  for await (const bytes of response.body ?? []) {
    buffer += decoder.decode(bytes, { stream: true });
    const lines = buffer.split('\n');
    buffer = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { type, data: JSON.parse(data.join('\n')) };
        type = '';
        data = [];
      } else if (line.startsWith('event: ')) type = line.slice(7);
      else if (line.startsWith('data: ')) data.push(line.slice(6));
      else if (!line.startsWith(':')) throw new Error(`What is ${line}?`);
    }
  }
}

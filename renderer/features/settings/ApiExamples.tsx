import { Tabs } from 'radix-ui';
import { useState } from 'react';
import { apiExamples } from '#shared/apiExamples';
import { fetchApiKey, useLocalApi } from '../../stores/localApi';
import { CopyButton } from '../../ui/CopyButton';

/** Placeholder for a hidden key. */
export const HIDDEN_KEY = '••••••••••••';

/** Code examples by language. Copied code contains the key even while it is hidden. */
export function ApiExamples({ address }: { address: string }) {
  const [chosen, setChosen] = useState<string>('TypeScript');
  const shownKey = useLocalApi((state) => state.shownKey);
  const examples = apiExamples(address, shownKey ?? HIDDEN_KEY);
  const copied = async () => {
    const whole = apiExamples(address, await fetchApiKey());
    return whole.find(({ language }) => language === chosen)?.code ?? '';
  };
  return (
    <Tabs.Root value={chosen} onValueChange={setChosen} className="api-examples">
      <header>
        <Tabs.List aria-label="Code examples">
          {examples.map(({ language }) => (
            <Tabs.Trigger key={language} value={language}>
              {language}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <CopyButton key={chosen} label={`Copy ${chosen} example`} text={copied} />
      </header>
      {examples.map(({ language, code }) => (
        <Tabs.Content key={language} value={language} tabIndex={-1}>
          <pre className="mono selectable">{code}</pre>
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}

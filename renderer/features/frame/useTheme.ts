import { useLayoutEffect, useSyncExternalStore } from 'react';
import { useSettings } from '../../stores/settings';

const systemDark = window.matchMedia('(prefers-color-scheme: dark)');

function onSystemChange(listener: () => void): () => void {
  systemDark.addEventListener('change', listener);
  return () => systemDark.removeEventListener('change', listener);
}

/** The effective theme: the user's choice or the system's. */
export function useThemeName(): 'dark' | 'light' {
  const chosen = useSettings(({ theme }) => theme);
  const dark = useSyncExternalStore(onSystemChange, () => systemDark.matches);
  if (chosen !== 'system') return chosen;
  return dark ? 'dark' : 'light';
}

/** Applies the effective theme to the document. */
export function useTheme(): 'dark' | 'light' {
  const theme = useThemeName();
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  return theme;
}

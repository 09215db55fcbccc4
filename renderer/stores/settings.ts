import { create } from 'zustand';
import { defaultSettings } from '#shared/contract/defaultSettings';
import type { Settings } from '#shared/contract/settings';

export const useSettings = create<Settings>(() => defaultSettings);

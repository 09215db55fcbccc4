import { create } from 'zustand';
import { defaultSettings } from '#shared/contract/schemas/defaultSettings';
import type { Settings } from '#shared/contract/settings';

export const useSettings = create<Settings>(() => defaultSettings);

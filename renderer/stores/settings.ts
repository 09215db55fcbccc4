import { create } from 'zustand';
import { type Settings, settingsSchema } from '#shared/contract/settings';

export const useSettings = create<Settings>(() => settingsSchema.parse({}));

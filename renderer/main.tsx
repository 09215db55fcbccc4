import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { announceChanges } from './features/activity/announcements';
import { followChanges } from './stores/changes';
import './ui/tokens.css';
import './ui/base.css';

const root = document.getElementById('root');
if (!root) throw new Error('The page has no root element.');

announceChanges();
followChanges();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

import './styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { applyTheme, readTheme } from './app/theme.ts';

applyTheme(readTheme());

// A page that was open while a new console was put in place asks for files that are gone: it loads itself anew, once.
window.addEventListener('vite:preloadError', (event) => {
  if (sessionStorage.getItem('crosscheck.reloaded') === location.href) return;
  sessionStorage.setItem('crosscheck.reloaded', location.href);
  event.preventDefault();
  location.reload();
});

const root = document.getElementById('root');
if (!root) throw new Error('the page has no place for the console');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

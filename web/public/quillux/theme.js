// The theme that this person chose in the chat, before anything is drawn; without one their system decides.
const chosen = localStorage.getItem('vite-ui-theme');
if (chosen === 'dark' || chosen === 'light') document.documentElement.style.colorScheme = chosen;

// Adds to the list what needs a script: all at once, how many are chosen, times of this clock. Without it the form works too.
const ticks = [...document.querySelectorAll('input[name=chosen]')];
const buttons = [...document.querySelectorAll('button[name=verdict]')];
const every = document.getElementById('every');
const count = () => {
  const chosen = ticks.filter((tick) => tick.checked).length;
  for (const button of buttons) {
    button.disabled = !chosen;
    button.textContent = `${button.value === 'approve' ? 'Approve' : 'Reject'} ${chosen || 'chosen'}`;
  }
  every.checked = chosen === ticks.length;
  every.indeterminate = chosen > 0 && chosen < ticks.length;
};
if (every) {
  every.parentElement.hidden = false;
  every.addEventListener('change', () => { for (const tick of ticks) tick.checked = every.checked; count(); });
  for (const tick of ticks) tick.addEventListener('change', count);
  document.getElementById('reason').addEventListener('keydown', (event) => { if (event.key === 'Enter') event.preventDefault(); });
  addEventListener('pageshow', count);
  document.querySelector('form').addEventListener('submit', () => setTimeout(() => { for (const button of buttons) button.disabled = true; }));
}
for (const time of document.querySelectorAll('time')) time.title = new Date(time.dateTime).toLocaleString();

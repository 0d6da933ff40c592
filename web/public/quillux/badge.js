// How many approvals wait for this person, at the link in the chat's header.
const MOST = 20;
const PACE = 60_000;

async function waiting() {
  const answer = await fetch(`/v1/gates?limit=${MOST + 1}`, { credentials: 'same-origin' });
  return answer.ok ? (await answer.json()).gates.length : 0;
}

export function countApprovals() {
  let many = 0;
  const draw = () => {
    for (const link of document.querySelectorAll('a[href$="/approvals"]')) {
      const text = !many ? '' : many > MOST ? `${MOST}+` : `${many}`;
      const fresh = link.dataset.waiting === undefined;
      if (link.dataset.waiting === text) continue;
      link.dataset.waiting = text;
      link.setAttribute('aria-label', many ? `Approvals: ${text} waiting for you` : 'Approvals');
      if (fresh) look();
    }
  };
  // The link comes with the signed-in page, so its coming is a reason to look.
  const look = async () => {
    if (document.hidden || !document.querySelector('a[href$="/approvals"]')) return;
    many = await waiting().catch(() => many);
    draw();
  };
  new MutationObserver(draw).observe(document.body, { childList: true, subtree: true });
  document.addEventListener('visibilitychange', look);
  setInterval(look, PACE);
}

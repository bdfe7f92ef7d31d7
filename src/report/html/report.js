(() => {
  "use strict";
  // A link to a step opens it; what it leads to lies within the fold.
  const open = (id) => {
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", () => open(location.hash.slice(1)));
  addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    // The same link once more changes no address.
    if (link && link.getAttribute("href") === location.hash) open(location.hash.slice(1));
  });
  open(location.hash.slice(1));

  const steps = () => document.querySelectorAll("details.step");
  for (const buttons of document.querySelectorAll(".buttons")) {
    buttons.hidden = false;
    buttons.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) steps().forEach((step) => { step.open = button.dataset.open === "true"; });
    });
  }

  // On paper nothing can be unfolded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((fold) => { fold.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((fold) => { fold.open = false; }));
})();

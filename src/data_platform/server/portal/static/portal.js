// Conveniences: suggestions, copying, the way through a lineage, tables on phones. Every page works without it.
(() => {
  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

  each(".snippet", box => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = document.body.dataset.copy;
    button.onclick = async () => {
      await navigator.clipboard.writeText(box.querySelector("pre").textContent);
      button.textContent = document.body.dataset.copied;
      setTimeout(() => { button.textContent = document.body.dataset.copy; }, 1500);
    };
    if (navigator.clipboard) box.append(button);
  });

  each("form.find", form => {
    const input = form.querySelector("input"), list = form.querySelector(".hints");
    let latest = 0, timer;
    const close = () => { latest++; list.hidden = true; };
    const suggest = async () => {
      const words = input.value.trim(), mine = ++latest;
      if ([...words].length < 2) return close();
      const answer = await fetch("/suggest?" + new URLSearchParams({ q: words }), { headers: { Accept: "text/html" } });
      if (!answer.ok || mine !== latest) return;
      list.innerHTML = await answer.text();
      list.hidden = !list.children.length;
    };
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(suggest, 120); });
    form.addEventListener("keydown", event => {
      const links = [...list.querySelectorAll("a")], at = links.indexOf(document.activeElement);
      if (list.hidden) return;
      if (event.key === "Escape") { event.preventDefault(); close(); input.focus(); }
      if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
      event.preventDefault();
      (event.key === "ArrowDown" ? links[at + 1] || links[at] : links[at - 1] || input).focus();
    });
    form.addEventListener("focusout", event => { if (!form.contains(event.relatedTarget)) close(); });
  });

  each(".scroll > table:not(.grid, .cells)", table => {
    const names = [...table.tHead.rows[0].cells].map(cell => cell.textContent);
    for (const row of table.tBodies[0].rows)
      [...row.cells].forEach((cell, at) => { if (cell.innerHTML.trim()) cell.dataset.name = names[at]; });
    const fit = () => {
      table.classList.remove("named");
      table.classList.toggle("named", table.parentElement.scrollWidth > table.parentElement.clientWidth);
    };
    addEventListener("resize", fit);
    fit();
  });

  each("svg.lineage", drawing => {
    const light = event => {
      const node = event.target.closest("[data-node]")?.dataset.node, near = new Set([node]);
      drawing.classList.toggle("focused", !!node);
      drawing.querySelectorAll("[data-edge]").forEach(edge => {
        const ends = edge.dataset.edge.split(" ");
        edge.classList.toggle("near", ends.includes(node));
        if (ends.includes(node)) ends.forEach(end => near.add(end));
      });
      drawing.querySelectorAll("[data-node]").forEach(one => one.classList.toggle("near", near.has(one.dataset.node)));
    };
    ["mouseover", "focusin"].forEach(kind => drawing.addEventListener(kind, light));
  });
})();

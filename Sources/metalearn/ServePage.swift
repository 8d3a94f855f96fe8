#if Serve && canImport(Hummingbird)
  /// The page of `metalearn serve`: one draws a character for each class, and then others, which are told apart as they are
  /// drawn.
  let servePage = #"""
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Learn from one drawing</title>
    <link rel="icon" href="data:,">
    <style>
      :root { color-scheme: light dark; --edge: #8886; --good: #2a78d6; }
      body { font: 16px/1.4 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
      h1 { font-size: 1.4rem; margin: .2rem 0; }
      p { margin: .4rem 0; }
      canvas { background: #fff; border: 1px solid var(--edge); border-radius: 6px; touch-action: none; cursor: crosshair; }
      .classes { display: flex; flex-wrap: wrap; gap: .8rem; }
      .class { display: grid; gap: .3rem; width: 132px; }
      .class canvas { width: 130px; height: 130px; }
      .class input { width: 100%; box-sizing: border-box; font: inherit; padding: .15rem .3rem; }
      .query { display: flex; flex-wrap: wrap; gap: 1.2rem; align-items: flex-start; }
      .query canvas { width: 260px; height: 260px; }
      .bars { flex: 1; min-width: 15rem; display: grid; gap: .35rem; }
      .bar { display: grid; grid-template-columns: 6rem 1fr 4.5rem; gap: .5rem; align-items: center; white-space: nowrap; }
      .bar span:first-child { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .bar div { height: 1rem; border-radius: 4px; background: var(--edge); overflow: hidden; }
      .bar div i { display: block; height: 100%; width: 0; background: var(--good); }
      .bar.best { font-weight: 600; }
      button { font: inherit; padding: .2rem .8rem; }
      #state { min-height: 1.4rem; }
    </style>
    </head>
    <body>
    <h1>Learn from one drawing</h1>
    <p>Draw one character for each class. Then draw another one of any of them below.</p>
    <div class="classes" id="classes"></div>
    <p id="state" role="status"></p>
    <h1>Which is it?</h1>
    <div class="query">
      <div><canvas id="query" width="280" height="280" aria-label="The drawing to tell"></canvas><br>
        <button id="clear">Clear</button></div>
      <div class="bars" id="bars"></div>
    </div>
    <script>
    const state = document.getElementById("state"), bars = document.getElementById("bars");
    const query = document.getElementById("query");
    let model = null, classes = [], asking = false, again = false, adapting = 0;

    function drawing(canvas, changed, ended) {
      const pen = canvas.getContext("2d");
      pen.lineWidth = canvas.width / 22; pen.lineCap = pen.lineJoin = "round"; pen.strokeStyle = "#000";
      canvas.clear = () => { pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height); canvas.used = false; };
      canvas.clear();
      const at = e => { const r = canvas.getBoundingClientRect();
        return [(e.clientX - r.left) * canvas.width / r.width, (e.clientY - r.top) * canvas.height / r.height]; };
      let last = null;
      canvas.onpointerdown = e => { canvas.setPointerCapture(e.pointerId); last = at(e); canvas.onpointermove(e); };
      canvas.onpointermove = e => { if (!last) return;
        const next = at(e);
        pen.beginPath(); pen.moveTo(...last); pen.lineTo(next[0] + .01, next[1]); pen.stroke();
        last = next; canvas.used = true; changed(); };
      canvas.onpointerup = canvas.onpointercancel = () => { if (last) { last = null; ended(); } };
    }

    async function ask(path, question) {
      const reply = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(question) });
      const answer = await reply.json();
      if (!reply.ok) throw new Error(answer.error?.message ?? reply.statusText);
      return answer;
    }

    async function adapt() {
      const given = [...document.querySelectorAll(".class")].map(c => ({ canvas: c.querySelector("canvas"), name: c.querySelector("input").value.trim() }))
        .filter(c => c.canvas.used && c.name);
      if (given.length < 2) { state.textContent = "Two classes or more are needed."; model = null; return; }
      const number = ++adapting;
      try {
        const reply = await ask("api/adapt", { classes: given.map(c => ({ name: c.name, pictures: [c.canvas.toDataURL("image/png")] })) });
        if (number !== adapting) return;
        model = reply.model; classes = reply.classes;
        state.textContent = `Adapted to ${classes.length} drawings in ${reply.milliseconds.toFixed(0)} ms.`;
        show(classes.map(() => 0)); tell();
      } catch (error) { state.textContent = error.message; model = null; }
    }

    async function tell() {
      if (!model || !query.used) return;
      if (asking) { again = true; return; }
      asking = true;
      try { show((await ask("api/predict", { model, pictures: [query.toDataURL("image/png")] })).predictions[0].probabilities); }
      catch (error) { state.textContent = error.message; }
      asking = false;
      if (again) { again = false; tell(); }
    }

    function show(shares) {
      const best = Math.max(...shares);
      bars.replaceChildren(...shares.map((share, i) => {
        const bar = document.createElement("div"), name = document.createElement("span"), box = document.createElement("div"),
          fill = document.createElement("i"), text = document.createElement("span");
        bar.className = share === best && best > 0 ? "bar best" : "bar";
        name.textContent = classes[i]; fill.style.width = 100 * share + "%"; text.textContent = (100 * share).toFixed(1) + " %";
        box.append(fill); bar.append(name, box, text);
        return bar;
      }));
    }

    fetch("api/run").then(r => r.json()).then(run => {
      for (let i = 0; i < run.ways; i++) {
        const box = document.createElement("div"), canvas = document.createElement("canvas"), name = document.createElement("input"),
          clear = document.createElement("button");
        box.className = "class"; canvas.width = canvas.height = 280; name.value = "class " + (i + 1); name.maxLength = 40;
        canvas.setAttribute("aria-label", "The drawing of class " + (i + 1)); name.setAttribute("aria-label", "The name of class " + (i + 1));
        clear.textContent = "Clear"; clear.onclick = () => { canvas.clear(); adapt(); }; name.onchange = adapt;
        box.append(canvas, name, clear); document.getElementById("classes").append(box);
        drawing(canvas, () => {}, adapt);
      }
      drawing(query, tell, tell);
      document.getElementById("clear").onclick = () => { query.clear(); show(classes.map(() => 0)); };
    });
    </script>
    </body>
    </html>
    """#
#endif

// Sign in by one click, then show GraphiQL. The token stays in the memory of this page.
const header = document.getElementById("accounts");
const output = document.getElementById("status");
let token = null;

async function signIn(email) {
  const response = await fetch("/graphql/explorer/token", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email }),
  });
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(answer.problems.map((problem) => problem.message).join(" "));
  }
  return answer.access_token;
}

async function fetcher(request, options) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: {
      accept: "application/graphql-response+json",
      "content-type": "application/json",
      authorization: `Bearer ${token}`,
      ...options?.headers,
    },
    body: JSON.stringify(request),
  });
  return response.json();
}

async function show(email) {
  try {
    token = await signIn(email);
    output.textContent = `Signed in as ${email} for 15 minutes.`;
  } catch (error) {
    output.textContent = `${email}: ${error.message}`;
    return;
  }
  const explorer = React.createElement(GraphiQL, {
    key: email,
    fetcher,
    defaultQuery: "{\n  viewer {\n    nama\n  }\n}\n",
  });
  ReactDOM.render(explorer, document.getElementById("explorer"));
}

for (const email of JSON.parse(header.dataset.accounts)) {
  const button = document.createElement("button");
  button.textContent = email;
  button.addEventListener("click", () => show(email));
  header.append(button);
}

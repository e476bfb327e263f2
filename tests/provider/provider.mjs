// The certified `oidc-provider`, with one client and whoever a test puts before the keyboard.
//
//   node provider.mjs '{"client_id": …, "client_secret": …, "redirect_uris": […]}'      prints its issuer, serves until killed
//   POST /keyboard {claims, cancel, id_token_claims, header, sign}  who signs in next, and how the ID token is falsified
//   POST /rotate                                              another key from now on, and the old one gone
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { exportJWK, exportSPKI, generateKeyPair, importJWK, decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import Provider, { interactionPolicy } from 'oidc-provider';

const client = JSON.parse(process.argv[2]);
const people = new Map();
let keyboard = {};
let issuer;
let key;
let provider;

async function newKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: 'RS256', use: 'sig' };
}

async function rotate() {
  key = await newKey();
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  provider = new Provider(issuer, {
    clients: [client],
    jwks: { keys: [key] },
    cookies: { keys: ['only-of-the-tests'] },
    claims: { email: ['email', 'email_verified', 'hd'] },
    conformIdTokenClaims: false, // the address in the ID token, as Google has it
    features: { devInteractions: { enabled: false } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people.get(id) }) }),
    interactions: { policy, url: (_, interaction) => `/interaction/${interaction.uid}` },
  });
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === '/token' && ctx.body?.id_token) ctx.body.id_token = await changeIdToken(ctx.body.id_token);
  });
}

// The ID token as the test changes it: other claims (null omits a claim), or another signature.
async function changeIdToken(token) {
  const { id_token_claims: changed, header, sign } = keyboard;
  if (!changed && !header && !sign) return token;
  const claims = Object.fromEntries(
    Object.entries({ ...decodeJwt(token), ...changed }).filter(([, value]) => value !== null),
  );
  if (sign === 'none') return new UnsecuredJWT(claims).encode();
  const own = await importJWK(key, 'RS256');
  const keys = {
    own: async () => ['RS256', own],
    foreign: async () => ['RS256', (await generateKeyPair('RS256')).privateKey],
    // the public key as if it were a secret both know
    confused: async () => ['HS256', new TextEncoder().encode(await exportSPKI(await publicKey()))],
    secret: async () => ['HS256', new TextEncoder().encode(client.client_secret)],
  };
  const [alg, signer] = await keys[sign ?? 'own']();
  return new SignJWT(claims).setProtectedHeader({ alg, kid: key.kid, ...header }).sign(signer);
}

async function publicKey() {
  const { kty, n, e } = key;
  return importJWK({ kty, n, e }, 'RS256');
}

async function interact(request, response) {
  const { grantId } = await provider.interactionDetails(request, response);
  if (keyboard.cancel) {
    return provider.interactionFinished(request, response, { error: 'access_denied' });
  }
  const accountId = encodeURIComponent(keyboard.claims.email);
  people.set(accountId, keyboard.claims);
  const grant = (grantId && (await provider.Grant.find(grantId))) || new provider.Grant({ accountId, clientId: client.client_id });
  grant.addOIDCScope('openid email');
  const result = { login: { accountId }, select_account: {}, consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function body(request) {
  let text = '';
  for await (const part of request) text += part;
  return JSON.parse(text || '{}');
}

const server = createServer(async (request, response) => {
  if (request.url.startsWith('/interaction/')) return interact(request, response);
  if (request.url === '/keyboard') keyboard = await body(request);
  else if (request.url === '/rotate') await rotate();
  else return provider.callback()(request, response);
  return response.writeHead(204).end();
});

server.listen(0, '127.0.0.1', async () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  await rotate();
  console.log(issuer);
});

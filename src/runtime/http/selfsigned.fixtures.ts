import { generateKeyPairSync, sign } from 'node:crypto';

/** A key and a certificate of its own for a server of the name `loopback`, made anew each time so that none lies in the repository. */
export function selfSigned(): { readonly key: string; readonly cert: string; readonly servername: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const content = sequence(
    der(INTEGER, Buffer.of(1)),
    ...[ECDSA_WITH_SHA256, name(NAME), validity(), name(NAME), publicKey.export({ type: 'spki', format: 'der' })],
  );
  const signature = sign('sha256', content, privateKey);
  const certificate = sequence(content, ECDSA_WITH_SHA256, der(BIT_STRING, Buffer.of(0), signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
    servername: NAME,
  };
}

const NAME = 'loopback';
const [INTEGER, BIT_STRING, OBJECT_ID, UTF8_STRING, UTC_TIME, SEQUENCE, SET] = [2, 3, 6, 12, 23, 0x30, 0x31];
const ECDSA_WITH_SHA256 = sequence(der(OBJECT_ID, Buffer.from('2a8648ce3d040302', 'hex')));
const COMMON_NAME = der(OBJECT_ID, Buffer.from('550403', 'hex'));

function name(text: string): Buffer {
  return sequence(der(SET, sequence(COMMON_NAME, der(UTF8_STRING, Buffer.from(text)))));
}

function validity(): Buffer {
  return sequence(...['250101000000Z', '491231235959Z'].map(time => der(UTC_TIME, Buffer.from(time))));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(SEQUENCE, ...parts);
}

/** One value of ASN.1 in its Distinguished Encoding, shorter than 64 KiB. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), value]);
}

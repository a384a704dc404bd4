import { readAccount } from '../http/account.ts';
import { rateHeaders } from '../limits/headers.ts';
import { messageBody } from '../protocol/message-body.ts';
import { readModelId, readVersion, validateRequest } from '../protocol/validate.ts';
import { headerOf, parseJson, type Wire } from './wire.ts';

/** The Messages API in both of its versions. */
export const anthropicWire: Wire = {
  account: readAccount,
  read({ headers, body }, findModel) {
    const version = readVersion(headerOf(headers, 'anthropic-version'));
    const value = parseJson(body);
    const model = findModel(readModelId(value));
    return { request: validateRequest(value, version, model), model, version };
  },
  body: messageBody,
  errorBody: (error, requestId) => error.body(requestId),
  idHeaders: (requestId) => ({ 'request-id': requestId }),
  accountHeaders: ({ organization }) => ({ 'anthropic-organization-id': organization }),
  rateHeaders,
  hasLimits: true,
};

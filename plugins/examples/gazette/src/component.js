// The component: the platform's exports, with the host's interfaces behind them. All else is tested without a host.

import * as http from 'ghoststack:prospector/http@0.1.0';

import { platform } from './platform.js';

export const { descriptor, account, search, screening, scoring } = platform(http);

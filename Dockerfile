# Build with every tool, ship with none.
FROM node:24-slim AS build
WORKDIR /build
# The native cipher addon of the SSH library is built where there is a compiler, and only there.
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 make g++ \
  && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.base.json tsconfig.test.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev && find dist -name '*.map' -delete

FROM node:24-slim
ENV NODE_ENV=production
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/chaperone chaperone \
  && install -d -m 0700 -o chaperone -g chaperone /var/lib/chaperone \
  && install -d -m 0755 /etc/chaperone
WORKDIR /opt/chaperone
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE ./
COPY bin ./bin
COPY config ./config
COPY scripts/health-check.mjs ./scripts/
USER chaperone
VOLUME /var/lib/chaperone
EXPOSE 2222
# It greets as an SSH server: the listener and the event loop behind it are alive.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "/opt/chaperone/scripts/health-check.mjs"]
# The process is the first of its container and handles SIGTERM itself: no init is needed.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/opt/chaperone/bin/chaperone.mjs"]
CMD ["run", "--config", "/etc/chaperone/chaperone.yaml"]

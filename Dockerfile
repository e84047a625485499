FROM rust:1-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    SQLX_OFFLINE=true cargo build --release --locked && cp target/release/connect-space /

FROM debian:bookworm-slim
COPY --from=build /connect-space /usr/local/bin/
USER nobody
ENV BIND=0.0.0.0
EXPOSE 3000
ENTRYPOINT ["connect-space"]
CMD ["serve"]
